/** What an SSH server says when it could not open a connection for us (RFC 4254, 5.1), in our words. */
import type { Failure } from "../../contract/failures.ts";
import { errorText, failure } from "../../failures.ts";

const prohibited = 1;
const connectFailed = 2;
const shortage = 4;

/** `where`: the address that was asked for. */
export function describeChannelFailure(error: Error, where: string, tunnel: string): Failure {
  const reason = "reason" in error ? error.reason : undefined;
  const text = errorText(error);
  if (reason === prohibited)
    return failure("TUNNEL_REFUSED", `Tunnel ${tunnel} does not allow connections to ${where}.`);
  if (reason === shortage)
    return failure("TUNNEL_REFUSED", `The server of tunnel ${tunnel} has no room for another connection.`);
  if (reason !== connectFailed)
    return failure("TUNNEL_LOST", `Tunnel ${tunnel} was lost while it opened ${where}.`);
  if (/refused/i.test(text))
    return failure("CONNECT_REFUSED", `${where} refused the connection that tunnel ${tunnel} tried.`);
  if (/not known|unknown host|resol|no address/i.test(text)) {
    return failure("NAME_NOT_FOUND", `The far end of tunnel ${tunnel} does not know the name in ${where}.`, {
      advice: "Check the spelling of the host name, and whether the tunnel's server can look it up.",
    });
  }
  if (/timed out/i.test(text)) return failure("CONNECT_TIMEOUT", `${where} did not answer tunnel ${tunnel}.`);
  if (/unreachable|no route/i.test(text))
    return failure("HOST_UNREACHABLE", `${where} cannot be reached from tunnel ${tunnel}.`);
  return failure("CONNECT_FAILED", `Tunnel ${tunnel} could not connect to ${where}: ${text.slice(0, 200)}.`);
}
