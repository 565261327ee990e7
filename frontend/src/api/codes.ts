/** Every error code of the contract, at run time, as the generated document lists them. */
import { errorCodeValues } from "./schema.gen";
import type { ErrorCode } from "./types";

export const ERROR_CODES: ErrorCode[] = [...errorCodeValues];

const KNOWN: ReadonlySet<unknown> = new Set(ERROR_CODES);

/** Whether `code` is one of the contract's. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return KNOWN.has(code);
}
