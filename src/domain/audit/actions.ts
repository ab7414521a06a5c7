// What a person does with the audit log: read it.

import { permit } from '#domain/access/permission.ts'
import type { Caller } from '#platform/caller.ts'
import {
  lastCheckpoint,
  listEntries,
  type AuditFilter,
  type AuditPage,
} from '#platform/audit/list.ts'
import type { House } from '#platform/house.ts'

export interface AuditShown extends AuditPage {
  /** Null while none was signed. */
  readonly checkpoint: { readonly size: number; readonly at: number } | null
  /** Where the log contradicts itself or what was signed before; null while it does not. */
  readonly broken: { readonly seq: number; readonly message: string } | null
}

/** Entries of the caller's workspace, newest first; `before` is where the page before ended. */
export async function readAudit(
  house: House,
  caller: Caller,
  filter: AuditFilter,
  page: { readonly limit: number; readonly before?: number },
): Promise<AuditShown> {
  permit(caller, 'audit.read')
  const found = await house.db.inspect(listEntries(caller.scope.workspaceId, filter, page))
  const checkpoint = await house.db.inspect(lastCheckpoint())
  return { ...found, checkpoint: checkpoint ?? null, broken: house.audit.broken ?? null }
}
