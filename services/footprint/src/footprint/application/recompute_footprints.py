"""Recompute the footprints that rest on an earlier version of a declaration just accepted."""

from dataclasses import dataclass
from typing import ClassVar

from chassis.clock import Clock, new_id
from chassis.errors import GreenchainError, Kind, Unavailable
from footprint.application import footprint_events
from footprint.application.calculation import calculate_content
from footprint.application.citations import add_with_citations
from footprint.application.ports import (
    Citation,
    Methodology,
    StoredProductModel,
    SupplierDataFor,
    UnitOfWorkFor,
)
from footprint.domain.declaration import CitedDeclaration, DeclarationReference, cite
from footprint.domain.product_footprint import FootprintState, ProductFootprint


@dataclass(eq=False)
class DeclarationNoLongerGranted(GreenchainError):
    """A footprint to be recomputed rests on a declaration that its owner may no longer read."""

    code: ClassVar[str] = "footprint.recompute.no_longer_granted"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Footprint {footprint_id} cannot be recomputed: declaration {declaration_id} is no longer "
        "granted to its owner. It stays flagged; ask the supplier, or calculate without."
    )
    zh: ClassVar[str] = (
        "足迹 {footprint_id} 无法重新计算：声明 {declaration_id} 已不再授权给其所有者。"
        "该足迹保留标记；请联系供应商，或不使用该数据重新计算。"
    )

    footprint_id: str
    declaration_id: str


def recompute_footprints(
    accepted: DeclarationReference,
    *,
    supplier_tenant_id: str,
    supplier_data_for: SupplierDataFor,
    methodology: Methodology,
    open_uow: UnitOfWorkFor,
    clock: Clock,
) -> tuple[ProductFootprint, ...]:
    """Put a new frozen footprint in place of each one that cites an earlier version.

    Each footprint is a transaction of its own and already replaced ones are passed over, so that a
    crash at any point, or one footprint that cannot be recomputed, costs the others nothing.

    Raises
    ------
    Unavailable
        If the supplier service does not answer; what was recomputed before stays.
    GreenchainError
        The first reason why a footprint could not be recomputed, after all others are done.
    """
    with open_uow(supplier_tenant_id, read_only=True) as uow:
        citations = uow.citations.of_earlier_versions(accepted.id, accepted.version)
    done: list[ProductFootprint] = []
    failures: list[GreenchainError] = []
    recompute = _Recomputation(accepted, supplier_data_for, methodology, open_uow, clock)
    for citation in citations:
        try:
            successor = recompute(citation)
        except GreenchainError as failure:
            if failure.kind is Kind.UNAVAILABLE:
                raise
            failures.append(failure)
        else:
            done.extend([] if successor is None else [successor])
    if failures:
        raise failures[0]
    return tuple(done)


@dataclass(frozen=True, slots=True)
class _Recomputation:
    accepted: DeclarationReference
    supplier_data_for: SupplierDataFor
    methodology: Methodology
    open_uow: UnitOfWorkFor
    clock: Clock

    def __call__(self, citation: Citation) -> ProductFootprint | None:
        """Recompute one footprint; None if it needs no successor (any more, or yet)."""
        owner = citation.owner_tenant_id
        with self.open_uow(owner, read_only=True) as uow:
            old = uow.footprints.get(citation.footprint_id)
            stored = uow.product_models.get(old.product_model_id)
        if old.state is not FootprintState.FROZEN:
            return None
        return self._replace(old.id, owner, self._calculate(old, stored, owner))

    def _calculate(
        self, old: ProductFootprint, stored: StoredProductModel, owner: str
    ) -> ProductFootprint:
        method_id = old.content.result.method_id
        cited = self._newest(old, method_id, owner)
        return ProductFootprint(
            id=new_id(),
            product_model_id=stored.id,
            content=calculate_content(stored, method_id, cited, self.methodology, owner),
            created_at=self.clock.now(),
        )

    def _newest(
        self, old: ProductFootprint, method_id: str, owner: str
    ) -> tuple[CitedDeclaration, ...]:
        """Return the accepted versions of what the old footprint cites, and nothing beside."""
        cited = {held.activity_id for held in old.content.declarations}
        granted = {
            declaration.reference.id: declaration
            for declaration in self.supplier_data_for(owner).accepted_declarations(cited)
        }
        newest = []
        for held in old.content.declarations:
            declaration = granted.get(held.reference.id)
            if declaration is None:
                raise DeclarationNoLongerGranted(old.id, held.reference.id)
            version = declaration.reference.version
            if held.reference.id == self.accepted.id and version < self.accepted.version:
                # The event is ahead of what the supplier service shows; it will catch up.
                raise Unavailable("supplier")
            newest.append(
                cite(
                    declaration,
                    method_id=method_id,
                    dataset=self.methodology.dataset,
                    rules=self.methodology.rules,
                    today=self.clock.now().date(),
                )
            )
        return tuple(newest)

    def _replace(
        self, old_id: str, owner: str, successor: ProductFootprint
    ) -> ProductFootprint | None:
        now = self.clock.now()
        with self.open_uow(owner) as uow:
            old = uow.footprints.get(old_id)
            if old.state is not FootprintState.FROZEN:
                return None
            add_with_citations(uow, owner, successor)
            if successor.is_stale:
                # Corrected once more meanwhile: the acceptance of that version comes here again.
                return None
            successor.freeze(self.methodology.rules, now)
            old.replaced_by(successor)
            uow.publish(footprint_events.frozen(successor, owner, now))
            uow.publish(footprint_events.deprecated(old, owner, now))
            uow.publish(footprint_events.recomputed(successor, owner, now))
            uow.footprints.save(successor)
            uow.footprints.save(old)
            uow.commit()
        return successor
