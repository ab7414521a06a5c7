// From a value that was found to the next question: the same value, looked for where the search looked.
// What comes out is a text for a person to read before it is asked.

import { permit } from '#domain/access/permission.ts'
import { readQuery } from '#domain/queries/actions.ts'
import { forbidden } from '#kernel/error.ts'
import type { SearchId } from '#kernel/id.ts'
import type { TargetLanguage } from '#kernel/siem.ts'
import type { Source } from '#languages/query.ts'
import { quote } from '#languages/sigma/backends/text.ts'
import { writeText } from '#languages/sigma/value.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { getSearch } from './reading.ts'
import type { Search } from './search.ts'

export interface PivotWanted {
  /** The segment whose row it stands in. */
  readonly position: number
  readonly column: string
  readonly value: string
}

export interface Pivot {
  readonly search: Search
  readonly language: TargetLanguage
  readonly text: string
}

/**
 * A rule is followed by a rule about the value alone, for every kind of target; a query by a query in the
 * language that the value was found with. Throws `forbidden` for a search or segment that is not here.
 */
export async function pivotOn(
  house: House,
  caller: Caller,
  id: SearchId,
  { position, column, value }: PivotWanted,
): Promise<Pivot> {
  permit(caller, 'search.run')
  const search = await getSearch(house, caller, id)
  const segment = search.segments.find((one) => one.position === position)
  if (!segment) throw forbidden()
  if (search.language === 'sigma') {
    return { search, language: 'sigma', text: sigmaText(search.text, value) }
  }
  const { language, text } = segment
  const facts =
    language === 'sigma' ? null : (await readQuery(house.workers, { language, text })).facts
  return { search, language, text: queryText(language, facts?.scope.by ?? [], { column, value }) }
}

/** The value anywhere where the language can say that, else in its column. */
export function queryText(
  language: TargetLanguage,
  sources: readonly Pick<Source, 'kind' | 'name'>[],
  { column, value }: Pick<PivotWanted, 'column' | 'value'>,
): string {
  const named = (kind: Source['kind']) => [
    ...new Set(sources.filter((one) => one.kind === kind).map(({ name }) => name)),
  ]
  const isNumber = /^-?\d{1,15}(?:\.\d{1,10})?$/.test(value)
  const literal = isNumber ? value : quote(value)
  switch (language) {
    case 'spl': {
      const indexes = named('index').map((name) => `index=${name}`)
      const scope = indexes.length > 1 ? `(${indexes.join(' OR ')})` : (indexes[0] ?? 'index=*')
      return `${scope} ${quote(value)}`
    }
    case 'kusto': {
      const tables = named('table')
      const from = tables.length > 1 ? `union ${tables.join(', ')}` : (tables[0] ?? 'search *')
      return `${from}\n| where * has ${quote(value)}`
    }
    case 'esql':
      return `FROM ${named('index').join(', ') || '*'}\n| WHERE ${ticked(column)} == ${literal}`
    case 'eql':
      return `any where ${ticked(column)} == ${literal}`
    case 'lucene':
      return `${column.replaceAll(/[\s:()\\"]/g, '\\$&')}:${quote(value)}`
    case 'kuery':
      return `${column.replaceAll(/[\s:()\\"<>{}]/g, '\\$&')}: ${quote(value)}`
    case 'sigma':
      return sigmaText('', value)
  }
}

function ticked(column: string): string {
  return /^[@A-Za-z_][\w.@]*$/.test(column) ? column : `\`${column.replaceAll('`', '``')}\``
}

/** The block under `logsource:` of a document, as it is written there. */
const LOG_SOURCE = /^logsource:[^\n]*(?:\n[ \t]+[^\n]*)*/m

function sigmaText(asked: string, value: string): string {
  const source = LOG_SOURCE.exec(asked)?.[0] ?? 'logsource:\n  product: windows'
  return `title: ${JSON.stringify(`Events with ${value.slice(0, 60).toWellFormed()}`)}
${source}
detection:
  keywords:
    - ${JSON.stringify(writeText([value]))}
  condition: keywords
`
}
