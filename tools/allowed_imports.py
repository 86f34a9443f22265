"""An import-linter contract by allow-list: these modules import nothing but what is named.

import-linter's own contracts name what is forbidden; "NumPy, SciPy and the kernels alone" would be
a list of everything else on the index. The standard library and the source itself are always
allowed. Only direct imports are looked at: what an allowed module may import in turn is another
contract's matter.

The graph knows Python modules alone, and takes an import of a Cython module for one of the root
package above it. For such a link the import statement itself says which module is meant.
"""

import re
import sys
from typing import cast

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


def named_module(statement: str) -> str:
    """Return the module that the first line of an import statement names."""
    found = re.match(r"(?:from|import)\s+([\w.]+)", statement.strip())
    if found is None:
        raise ValueError(f"not an import statement: {statement}")
    return found[1]


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
        roots = set(self.session_options["root_packages"])
        illegal: list[tuple[str, str, int]] = []
        for package in sorted(source.name for source in sources):
            for importer in sorted({package} | graph.find_descendants(package)):
                for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                    for detail in graph.get_import_details(importer=importer, imported=imported):
                        module = (
                            named_module(detail["line_contents"]) if imported in roots else imported
                        )
                        if not is_inside(module, package) and not is_allowed(module, allowed):
                            illegal.append((importer, module, detail["line_number"]))
        return ContractCheck(kept=not illegal, metadata={"illegal": illegal})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line for each import, in import-linter's own form."""
        for importer, imported, line in check.metadata["illegal"]:
            output.print_error(f"- {importer} -> {imported} (l.{line})", bold=False)
        output.new_line()
