/**
 * Envoy's own protocol buffers, as an npm package ships them, as a schema for bootstrap files: unknown fields, wrong types and
 * values, two of a oneof, what `validate.rules` require, and everything inside an Any.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import protobuf from "protobufjs";

const folderOf = (name: string): string =>
  dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
const depot = join(folderOf("@grpc/grpc-js-xds"), "deps");
const folders = [
  ...["envoy-api", "googleapis", "protoc-gen-validate", "xds"].map((name) => join(depot, name)),
  folderOf("protobufjs"),
];

const used = [
  "envoy/config/bootstrap/v3/bootstrap.proto",
  "envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector.proto",
  "envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy.proto",
  "envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto",
  "envoy/extensions/filters/http/router/v3/router.proto",
  "envoy/extensions/filters/http/lua/v3/lua.proto",
  "envoy/extensions/transport_sockets/tls/v3/tls.proto",
  "envoy/extensions/transport_sockets/raw_buffer/v3/raw_buffer.proto",
];

const roots = new Map<string, protobuf.Root>();

function loadRoot(): protobuf.Root {
  const known = roots.get("envoy");
  if (known) return known;
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) =>
    folders.map((folder) => join(folder, target)).find((path) => existsSync(path)) ?? target;
  root.loadSync([...used], { keepCase: true });
  root.resolveAll();
  roots.set("envoy", root);
  return root;
}

/** Everything that is wrong with a bootstrap document, as `path: what`. */
export function envoyProblems(document: unknown): readonly string[] {
  const problems: string[] = [];
  const root = loadRoot();
  new Walk(root, problems).message(root.lookupType("envoy.config.bootstrap.v3.Bootstrap"), document, "");
  return problems;
}

const wrappers: Readonly<Record<string, string>> = {
  "google.protobuf.BoolValue": "bool",
  "google.protobuf.UInt32Value": "uint32",
  "google.protobuf.UInt64Value": "uint64",
  "google.protobuf.DoubleValue": "double",
  "google.protobuf.StringValue": "string",
};

class Walk {
  readonly #root: protobuf.Root;
  readonly #problems: string[];

  constructor(root: protobuf.Root, problems: string[]) {
    this.#root = root;
    this.#problems = problems;
  }

  #tell(path: string, what: string): void {
    this.#problems.push(`${path}: ${what}`);
  }

  message(type: protobuf.Type, value: unknown, path: string): void {
    const name = type.fullName.slice(1);
    if (name === "google.protobuf.Any") return this.#any(value, path);
    if (name === "google.protobuf.Duration") {
      if (typeof value !== "string" || !/^\d+(\.\d+)?s$/.test(value)) this.#tell(path, "is no duration");
      return;
    }
    if (name === "google.protobuf.Struct") return;
    const wrapped = wrappers[name];
    if (wrapped !== undefined) return this.#scalar(wrapped, value, path);
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return this.#tell(path, `is no ${name}`);
    const given = Object.entries(value).filter(([key]) => key !== "@type");
    for (const [key, item] of given) {
      const field = type.fields[key];
      if (!field) this.#tell(`${path}.${key}`, `is no field of ${name}`);
      else this.#field(field, item, `${path}.${key}`);
    }
    const keys = new Set(given.map(([key]) => key));
    for (const field of type.fieldsArray) {
      field.resolve();
      if (!keys.has(field.name) && !field.partOf && isRequired(field))
        this.#tell(`${path}.${field.name}`, "is missing");
    }
    for (const oneof of type.oneofsArray) {
      const set = oneof.fieldsArray.filter((field) => keys.has(field.name));
      if (set.length > 1) this.#tell(path, `has both ${set.map((field) => field.name).join(" and ")}`);
      if (set.length === 0 && ruleOf(oneof, "(validate.required)") === true)
        this.#tell(path, `has no ${oneof.name}`);
    }
  }

  #any(value: unknown, path: string): void {
    const url = (value as { readonly "@type"?: unknown })["@type"];
    const name = typeof url === "string" ? url.replace("type.googleapis.com/", "") : "";
    try {
      this.message(this.#root.lookupType(name), value, `${path}<${name.split(".").at(-1)}>`);
    } catch {
      this.#tell(path, `has no known @type: ${String(url)}`);
    }
  }

  #field(field: protobuf.Field, value: unknown, path: string): void {
    field.resolve();
    if (field.map) {
      for (const [key, item] of Object.entries(value as object)) this.#single(field, item, `${path}.${key}`);
      return;
    }
    if (!field.repeated) return this.#single(field, value, path);
    if (!Array.isArray(value)) return this.#tell(path, "is no list");
    if (value.length === 0) this.#tell(path, "is empty");
    value.forEach((item, at) => this.#single(field, item, `${path}[${at}]`));
  }

  #single(field: protobuf.Field, value: unknown, path: string): void {
    const type = field.resolvedType;
    if (type instanceof protobuf.Type) return this.message(type, value, path);
    if (type instanceof protobuf.Enum) {
      if (typeof value !== "string" || !(value in type.values))
        this.#tell(path, `is no ${type.name}: ${String(value)}`);
      return;
    }
    this.#scalar(field.type, value, path);
    if (value === "" && isRequired(field)) this.#tell(path, "is empty");
  }

  #scalar(type: string, value: unknown, path: string): void {
    const wanted = type === "bool" ? "boolean" : type === "string" || type === "bytes" ? "string" : "number";
    if (typeof value !== wanted) return this.#tell(path, `is no ${type}: ${JSON.stringify(value)}`);
    if (/^u?int/.test(type) && !Number.isInteger(value)) this.#tell(path, "is no whole number");
    if (type.startsWith("u") && Number(value) < 0) this.#tell(path, "is negative");
  }
}

function ruleOf(of: protobuf.ReflectionObject, name: string): unknown {
  return of.options?.[name];
}

/** By protoc-gen-validate's rules. */
function isRequired(field: protobuf.Field): boolean {
  const least = (kind: string, what: string): boolean => Number(rule(field, kind, what) ?? 0) > 0;
  return (
    rule(field, "message", "required") === true ||
    least("string", "min_len") ||
    least("string", "min_bytes") ||
    least("repeated", "min_items")
  );
}

/** A rule in whichever of the three spellings the file has it. */
function rule(field: protobuf.Field, kind: string, what: string): unknown {
  const nested = (value: unknown, key: string): unknown =>
    typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return (
    ruleOf(field, `(validate.rules).${kind}.${what}`) ??
    nested(ruleOf(field, `(validate.rules).${kind}`), what) ??
    nested(nested(ruleOf(field, "(validate.rules)"), kind), what)
  );
}
