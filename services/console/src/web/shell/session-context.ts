import { createContext, useContext } from "react";
import type { Session } from "../api/contracts.ts";

export const SessionContext = createContext<Session | undefined>(undefined);

/** Whether the signed-in person may do that; the server decides all the same. */
export function useMay(permission: string): boolean {
  return useContext(SessionContext)?.permissions.includes(permission) ?? false;
}
