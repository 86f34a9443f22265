"""An import-linter contract by allow-list: these modules import nothing but what is named.

import-linter's own contracts name what is forbidden; "NumPy, SciPy and the kernels alone" would be
a list of everything else on the index. The standard library and the source itself are always
allowed. Only direct imports are looked at: what an allowed module may import in turn is another
contract's matter.
"""

import sys
from typing import Any, cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.helpers import module_expressions_to_modules
from importlinter.domain.imports import ModuleExpression


def is_inside(module: str, package: str) -> bool:
    """Tell whether `module` is `package` or stands below it."""
    return module == package or module.startswith(f"{package}.")


def is_allowed(imported: str, allowed: frozenset[str]) -> bool:
    """Tell whether an import of `imported` is covered by the allow-list or the standard library."""
    if imported.partition(".")[0] in sys.stdlib_module_names:
        return True
    return any(is_inside(imported, package) for package in allowed)


class AllowedImportsContract(Contract):
    """Source packages may import the allowed modules, themselves and the standard library alone."""

    type_name = "allowed"

    source_modules = fields.SetField(subfield=fields.ModuleExpressionField())
    allowed_modules = fields.SetField(subfield=fields.ModuleExpressionField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Collect every import that the list does not cover, with its lines."""
        # import-linter fills a field by its declaration: the attribute is the set, not the field.
        allowed_modules = cast(set[ModuleExpression], self.allowed_modules)
        source_modules = cast(set[ModuleExpression], self.source_modules)
        allowed = frozenset(expression.expression for expression in allowed_modules)
        sources = module_expressions_to_modules(graph, source_modules, raise_if_unmatched=True)
        illegal: list[dict[str, Any]] = []
        for package in sorted(source.name for source in sources):
            for importer in sorted({package} | graph.find_descendants(package)):
                for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                    if is_inside(imported, package) or is_allowed(imported, allowed):
                        continue
                    details = graph.get_import_details(importer=importer, imported=imported)
                    lines = ", ".join(str(detail["line_number"]) for detail in details)
                    illegal.append({"importer": importer, "imported": imported, "lines": lines})
        return ContractCheck(kept=not illegal, metadata={"illegal": illegal})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line for each import, in import-linter's own form."""
        for link in check.metadata["illegal"]:
            output.print_error(
                f"- {link['importer']} -> {link['imported']} (l.{link['lines']})", bold=False
            )
        output.new_line()
