// Folders and groups: a rule whose text names no group belongs to the one that its folder is called
// after, and a rule that comes out of the product goes into the folder of its group.

import type { RuleId } from '#kernel/id.ts'
import { GroupSlug } from '#domain/rules/product-key.ts'

/** A rule as a folder is compared with it. */
export interface FiledRule {
  readonly id: RuleId
  readonly version: number
  readonly contentHash: string
  readonly sigmaId: string | null
  readonly title: string
  readonly group: string | null
  /** Where it stood when it was pushed last, and the version that was the same then. */
  readonly file: FilePlace | null
}

export interface FilePlace {
  readonly path: string
  readonly document: number
  readonly version: number
  readonly contentHash: string
}

/** Null for a file that stands in no folder, or whose folder makes no short name. */
export function groupOfPath(path: string): string | null {
  const folders = foldersOf(path)
  return readExportedPlace(path).group ?? slugOf(folders.join('-'), GROUP_CHARS)
}

/** What the folders of an exported rule say of it, beside its text. */
interface ExportedPlace {
  readonly group: string | null
  readonly isRetired: boolean
}

/** The folders that `export` puts a rule into, for readExportedPlace to take back. */
export function exportedFolders({ group, isRetired }: ExportedPlace): readonly string[] {
  return [...(isRetired ? [RETIRED] : []), ...(group === null ? [] : [GROUPS, group])]
}

/** Other folders say nothing: people name theirs as they like. */
export function readExportedPlace(path: string): ExportedPlace {
  const folders = foldersOf(path)
  const last = folders.at(-1)
  const isGrouped = folders.at(-2) === GROUPS && GroupSlug.safeParse(last).success
  const above = isGrouped ? folders.slice(0, -2) : folders
  return { group: isGrouped ? last! : null, isRetired: above.includes(RETIRED) }
}

const RETIRED = 'retired'
const GROUPS = 'groups'

function foldersOf(path: string): readonly string[] {
  return path.split('/').slice(0, -1)
}

/** A new file for a rule, `taken` being the paths that exist. */
export function pathOf(
  { group, title }: { readonly group: string | null; readonly title: string },
  taken: ReadonlySet<string>,
): string {
  const folder = group === null ? '' : `${group}/`
  const name = slugOf(title, NAME_CHARS) ?? 'rule'
  for (let number = 1; ; number++) {
    const path = `${folder}${name}${number === 1 ? '' : `-${number}`}.yml`
    if (!taken.has(path)) return path
  }
}

const GROUP_CHARS = 64
const NAME_CHARS = 80

function slugOf(text: string, max: number): string | null {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const slug = plain.replace(/[^a-z0-9]+/g, '-').replace(/^-/, '')
  return slug.slice(0, max).replace(/-$/, '') || null
}
