/** The verdict on a server's certificate in a Galvanometer window: made with openssl, judged without Electron. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { certificateProblem } from "../../main/desktop/galvanometer/certificate-check.ts";

let folder = "";
const pem = (name: string) => readFileSync(join(folder, `${name}.pem`), "utf8");
const openssl = (...parameters: string[]) =>
  execFileSync("openssl", parameters, { cwd: folder, stdio: "pipe" });

/** Signs `name` by `issuer`, or by itself. */
function make(name: string, extensions: string, issuer?: string): void {
  const subject = ["-subj", `/CN=${name}`];
  openssl(
    "req",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.csr`,
    ...subject,
  );
  writeFileSync(join(folder, `${name}.ext`), extensions);
  const signer =
    issuer === undefined
      ? ["-signkey", `${name}.key`]
      : ["-CA", `${issuer}.pem`, "-CAkey", `${issuer}.key`, "-CAcreateserial"];
  openssl(
    "x509",
    "-req",
    "-in",
    `${name}.csr`,
    ...signer,
    "-days",
    "30",
    "-extfile",
    `${name}.ext`,
    "-out",
    `${name}.pem`,
  );
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "shunt-certificates-"));
  make("root", "basicConstraints=critical,CA:TRUE\n");
  make("other", "basicConstraints=critical,CA:TRUE\n");
  make("middle", "basicConstraints=critical,CA:TRUE\n", "root");
  make("leaf", "basicConstraints=CA:FALSE\nsubjectAltName=DNS:a.internal,IP:10.0.0.1\n", "root");
  make("deep", "basicConstraints=CA:FALSE\nsubjectAltName=DNS:a.internal\n", "middle");
  make("false-ca", "basicConstraints=CA:FALSE\nsubjectAltName=DNS:a.internal\n", "leaf");
  make("own", "subjectAltName=DNS:a.internal\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const judge = (
  chain: readonly string[],
  authority: string | null,
  more: { hostname?: string; now?: Date; serverName?: string } = {},
) =>
  certificateProblem({
    hostname: "a.internal",
    now: new Date(),
    ...more,
    chain: chain.map(pem),
    authorities: authority === null ? null : pem(authority),
  });

test("good chains are accepted: direct, by an intermediate, by address, by another name, the certificate itself", () => {
  expect(judge(["leaf"], "root")).toBeNull();
  expect(judge(["deep", "middle"], "root")).toBeNull();
  expect(judge(["leaf"], "root", { hostname: "10.0.0.1" })).toBeNull();
  expect(judge(["leaf"], "root", { hostname: "10.9.9.9", serverName: "a.internal" })).toBeNull();
  expect(judge(["own"], "own")).toBeNull();
});

test("everything else is refused with its reason", () => {
  expect(judge(["leaf"], "other")).toContain("authority that is not known");
  expect(judge(["leaf"], null)).toContain("authority that is not known");
  expect(judge(["deep"], "root")).toContain("authority that is not known");
  expect(judge(["own"], "root")).toContain("authority that is not known");
  // A server's certificate signs nobody, also where it comes along in the chain.
  expect(judge(["false-ca", "leaf"], "root")).toContain("authority that is not known");
  expect(judge(["leaf"], "root", { hostname: "b.internal" })).toBe("it is not for the name b.internal");
  expect(judge(["leaf"], "root", { hostname: "leaf" })).toBe("it is not for the name leaf");
  expect(judge(["leaf"], "root", { now: new Date(Date.now() + 60 * 86_400_000) })).toContain("it expired on");
  expect(judge(["leaf"], "root", { now: new Date(0) })).toContain("not valid before");
  expect(judge([], "root")).toBe("the server sent none");
  expect(
    certificateProblem({ hostname: "a", chain: ["nonsense"], authorities: "", now: new Date() }),
  ).toContain("cannot be read");
});
