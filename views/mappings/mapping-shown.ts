// What the page of a mapping shows, in all its parts.

import type { FieldRow, SourceRow } from '#domain/mappings/input.ts'
import type { Mapping, MappingDraft } from '#domain/mappings/mapping.ts'
import type { MappingTable } from '#domain/mappings/table.ts'
import type { Actor } from '#kernel/actor.ts'

export interface MappingShown {
  /** `/w/acme/targets/tgt_…/mapping`. */
  readonly path: string
  readonly q: string
  readonly mapping: Mapping | undefined
  readonly draft: MappingDraft | undefined
  readonly names: ReadonlyMap<Actor, string>
  readonly pipelines: readonly string[]
  /** The usual one first; empty where rules run as they are. */
  readonly fitting: readonly string[]
  readonly priority: number
  readonly sources: readonly SourceRow[]
  readonly fields: readonly FieldRow[]
  readonly others: MappingTable['others']
  /** Rules whose renderings are of something older, at any target. */
  readonly pending: { readonly path: string; readonly count: number }
  readonly mayWrite: boolean
  /** A file that was refused, and why. */
  readonly brought: { readonly text?: string; readonly problems?: readonly string[] }
}

/** The revision that an edit is made over. */
export const overOf = ({ draft }: Pick<MappingShown, 'draft'>) => String(draft?.revision ?? 0)
