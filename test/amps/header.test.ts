import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { headerEnd, readLogon } from "../../app/amps/header.ts";

describe("a header ends at its own closing brace:", () => {
  test.each([
    ['{"c":"p"}{"id":1}', 9],
    ['{"c":"p","t":"a}b"}', 19],
    ['{"c":"p","t":"a{b"}x', 19],
    ['{"t":"a\\"}b"}x', 13],
    ['{"t":"a\\\\"}x', 11],
    ['{"t":{"u":{}}}x', 14],
    ["{}", 2],
    ['{"t":"\u00e9}"}x', 11],
  ])("%s", (text, end) => {
    expect(headerEnd(Buffer.from(text))).toBe(end);
  });

  test.each(["", "{", '{"t":"}', '{"t":{}', '{"t":"\\"}', '{"t":"\\'])(
    "and not in %j, which is incomplete",
    (text) => {
      expect(headerEnd(Buffer.from(text))).toBe(-1);
    },
  );

  test("for any object in front of any body", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.string(),
        fc.nat(8),
        (object, body, start) => {
          const header = JSON.stringify(object);
          const bytes = Buffer.concat([Buffer.alloc(start), Buffer.from(header), Buffer.from(body)]);
          expect(headerEnd(bytes, start)).toBe(start + Buffer.byteLength(header));
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("a logon says of its client", () => {
  test("name, user, version and message type, and never its password", () => {
    const facts = readLogon(
      '{"c":"logon","client_name":"view-7","user_id":"svc","pw":"s3cret","mt":"json","version":"5.3.4.0:javascript"}',
    );
    expect(facts).toEqual({
      ampsClient: "view-7",
      user: "svc",
      clientVersion: "5.3.4.0:javascript",
      messageType: "json",
    });
  });

  test("its version in the short spelling too, and nothing where it says nothing", () => {
    expect(readLogon('{"c":"logon","v":"5.2","user_id":"","client_name":7}')).toEqual({
      ampsClient: null,
      user: null,
      clientVersion: "5.2",
      messageType: null,
    });
  });

  test("no more than 255 characters of anything", () => {
    expect(
      readLogon(JSON.stringify({ c: "logon", client_name: "x".repeat(5_000) }))?.ampsClient,
    ).toHaveLength(255);
  });

  test.each(['{"c":"publish"}', "{}", "[]", "null", "not json", "", '{"C":"logon"}', '{"c":["logon"]}'])(
    "nothing, where it is none: %s",
    (text) => {
      expect(readLogon(text)).toBeNull();
    },
  );
});
