/** Certificates made by openssl: an authority and what it signed, or one that stands alone. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { knowSecret } from "./suite-secrets.ts";

export interface Certificates {
  /** A file of the folder: `ca.pem`, `NAME.pem`, `NAME.key`. */
  at(name: string): string;
  read(name: string): Buffer;
  /** Makes `NAME.pem` and `NAME.key`, signed by the authority; `days` may be negative for one that has expired. */
  make(name: string, subjectAltName: string, days?: number): void;
}

interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** A folder with an authority for the file that calls it; `prepare` makes what its tests need. */
export function certificatesForFile(prepare: (certificates: Certificates) => void): Certificates {
  let folder = "";
  const openssl = (...parameters: string[]) =>
    execFileSync("openssl", parameters, { cwd: folder, stdio: "pipe" });
  const at = (name: string) => join(folder, name);
  const certificates: Certificates = {
    at,
    read: (name) => readFileSync(at(name)),
    make(name, subjectAltName, days = 30) {
      openssl("req", ...newKey, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
      writeFileSync(at(`${name}.ext`), `subjectAltName=${subjectAltName}\n`);
      const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", String(days)];
      openssl(
        "x509",
        "-req",
        "-in",
        `${name}.csr`,
        ...signed,
        "-extfile",
        `${name}.ext`,
        "-out",
        `${name}.pem`,
      );
      knowKey(at(`${name}.key`));
    },
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "shunt-tls-"));
    const files = ["-keyout", "ca.key", "-out", "ca.pem"];
    openssl("req", "-x509", ...newKey, ...files, "-days", "30", "-subj", "/CN=Test CA");
    prepare(certificates);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return certificates;
}

/** The second line of its base64: the first is the same for every key of its kind. */
function knowKey(file: string): void {
  knowSecret("private key", readFileSync(file, "utf8").split("\n")[2] ?? "");
}

/** A certificate that is its own authority, for these names (`DNS:a.internal,IP:127.0.0.1`; the first is also its common name), and its key. */
export function makeSelfSigned(folder: string, names: string, days = 2): CertificateFiles {
  const files = { certFile: join(folder, "cert.pem"), keyFile: join(folder, "key.pem") };
  const where = ["-keyout", files.keyFile, "-out", files.certFile];
  const what = [
    "-days",
    String(days),
    "-subj",
    `/CN=${names.split(/[:,]/)[1]}`,
    "-addext",
    `subjectAltName=${names}`,
  ];
  execFileSync("openssl", ["req", "-x509", ...newKey, ...where, ...what], { stdio: "pipe" });
  knowKey(files.keyFile);
  return files;
}
