// Verifies an issued record with npm `jose`, an implementation that is not ours.
// Reads {"jws", "jwks", "issuer"} from stdin; prints {"verified", "claims" | "error"}.
import { createLocalJWKSet, jwtVerify } from "jose";
import { text } from "node:stream/consumers";

const { jws, jwks, issuer } = JSON.parse(await text(process.stdin));
try {
  const { payload } = await jwtVerify(jws, createLocalJWKSet(jwks), {
    algorithms: ["Ed25519"],
    typ: "greenchain-record+jwt",
    issuer,
  });
  console.log(JSON.stringify({ verified: true, claims: payload }));
} catch (error) {
  console.log(JSON.stringify({ verified: false, error: error.code ?? error.name }));
}
