import {
  CancelledError,
  type EngineError,
  EngineUnreachableError,
  HearthError,
  StreamCutError,
} from "../../protocol/index.ts";

/** No connection, and none to be had by trying again: a name that does not exist, a certificate that is not trusted. */
export class EngineAddressError extends EngineUnreachableError {
  override readonly transient: boolean = false;
}

const CERTIFICATE =
  /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER))/;

/** What went wrong before the first byte of an answer, with the address and what to do about it. */
export function connectError(cause: unknown, address: string): EngineError {
  const { code, message } = reasonOf(cause);
  if (code === "ECONNREFUSED") {
    return new EngineUnreachableError(`Nothing listens at ${address}.`, {
      remedy: "Start the engine there, or name another one.",
      cause,
    });
  }
  if (code === "ENOTFOUND" || code === "EAI_NONAME") {
    return new EngineAddressError(`The host name in ${address} does not exist.`, {
      remedy: "Check the address for typing errors.",
      cause,
    });
  }
  if (code === "EAI_AGAIN") {
    return new EngineUnreachableError(`The host name in ${address} can't be looked up now.`, {
      remedy: "Check the network connection, or write the address in numbers.",
      cause,
    });
  }
  if (CERTIFICATE.test(code)) {
    return new EngineAddressError(`${address} has a certificate that is not trusted: ${message}.`, {
      remedy: "Name its authority in NODE_EXTRA_CA_CERTS, or use the host name the certificate is for.",
      cause,
    });
  }
  if (code === "EPROTO" || code.startsWith("ERR_SSL_")) {
    return new EngineAddressError(`${address} does not speak TLS: ${message}.`, {
      remedy: "Try the same address with http: in place of https:.",
      cause,
    });
  }
  if (code.startsWith("HPE_")) {
    return new EngineAddressError(`${address} does not speak HTTP: ${message}.`, {
      remedy: "Check the port; for an engine behind TLS, write https: in place of http:.",
      cause,
    });
  }
  if (isClosed(code)) {
    return new EngineUnreachableError(`${address} closed the connection before it answered.`, {
      remedy: "Look into the engine's log: it may have crashed, for example for lack of memory.",
      cause,
    });
  }
  return new EngineUnreachableError(`No connection to ${address}: ${message}.`, {
    remedy: "Check that the engine runs and that the address can be reached from here.",
    cause,
  });
}

/** The other side has closed the connection; undici names the orderly way so. */
export function isClosed(code: string): boolean {
  return code === "ECONNRESET" || code === "EPIPE" || code === "UND_ERR_SOCKET";
}

export function connectTimeout(address: string, timeoutMs: number): EngineUnreachableError {
  return new EngineUnreachableError(`No connection to ${address} within ${timeoutMs / 1000} s.`, {
    remedy: "Check that the machine is on and that no firewall stands between.",
  });
}

export function cutError(address: string, why: string, cause?: unknown): StreamCutError {
  return new StreamCutError(`The answer from ${address} was cut: ${why}.`, {
    remedy: "Look into the engine's log if it happens again.",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What an abort throws: the signal's own reason where it is one of our errors. */
export function cancelError(signal: AbortSignal, address: string): HearthError {
  const reason: unknown = signal.reason;
  if (reason instanceof HearthError) return reason;
  return new CancelledError(`The request to ${address} was cancelled.`, { cause: reason });
}

/** Code and message of an error; of the first cause where several addresses of a host were tried. */
export function reasonOf(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: "", message: String(error) };
  const own = "code" in error && typeof error.code === "string" ? error.code : "";
  // undici's parser loses the code that llhttp gives.
  const code = own === "" && error.name === "HTTPParserError" ? "HPE_" : own;
  if (error instanceof AggregateError && error.errors.length > 0) {
    const first = reasonOf(error.errors[0]);
    return {
      code: code === "" ? first.code : code,
      message: error.message === "" ? first.message : error.message,
    };
  }
  const said = /SSL routines:[^:]*:([^:]+):/.exec(error.message)?.[1] ?? error.message;
  return { code, message: (said === "" ? code : said).trim().replace(/[.\s]+$/, "") };
}
