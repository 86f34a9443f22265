// Validate an AsyncAPI document (its examples are validated by tests/contract: the parser does that
// for AsyncAPI 2 alone). Usage: node tools/validate_asyncapi.mjs FILE
import { readFileSync } from "node:fs";
import { DiagnosticSeverity, Parser } from "@asyncapi/parser/cjs/index.js";

const file = process.argv[2];
const { document, diagnostics } = await new Parser().parse(readFileSync(file, "utf8"), {
  source: file,
});
for (const { severity, path, message, range } of diagnostics) {
  const level = DiagnosticSeverity[severity];
  console.log(`${file}:${range.start.line + 1}: ${level} ${path.join(".")}: ${message}`);
}
const failed = document === undefined || diagnostics.some(({ severity }) => severity <= DiagnosticSeverity.Warning);
console.log(`${file}: ${failed ? "invalid" : "valid AsyncAPI " + document.version()}`);
process.exit(failed ? 1 : 0);
