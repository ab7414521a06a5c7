// `/rules/export`: rules as files, while they are read.

import { z } from 'zod'
import type { ExportedRule } from '#domain/rules/export.ts'
import { RuleListQuery } from '#domain/rules/input.ts'
import { formatInstant } from '#kernel/time.ts'
import { writeZip } from '#platform/zip/write.ts'
import { ndjson } from '#http/download.ts'
import { downloadOperation } from './operation.ts'

const exporting = () => import('#domain/rules/export.ts')

const { sort: _, ...FILTERS } = RuleListQuery.shape

export const exportRules = downloadOperation({
  method: 'GET',
  path: '/rules/export',
  name: 'exportRules',
  summary: 'Rules as files, byte for byte as they were saved',
  about:
    'A ZIP file with a folder for each group, or one line of JSON a rule. Narrowed as the list is; without anything all but those retired.',
  permission: 'rule.read',
  query: z.strictObject({ format: z.enum(['zip', 'ndjson']).default('zip'), ...FILTERS }),
  types: ['application/zip', 'application/x-ndjson'],
  async run({ house, caller, query: { format, ...filter } }) {
    const rules = (await exporting()).exportRules(house, caller, filter)
    const name = `rules-${formatInstant(caller.now).slice(0, 10)}.${format}`
    return format === 'zip'
      ? { name, type: 'application/zip', chunks: writeZip(files(rules)) }
      : { name, type: 'application/x-ndjson', chunks: ndjson(lines(rules)) }
  },
})

async function* files(rules: AsyncIterable<ExportedRule>) {
  for await (const { path, text, rule } of rules) {
    yield { name: path, bytes: text, modifiedAt: rule.updatedAt }
  }
}

async function* lines(rules: AsyncIterable<ExportedRule>) {
  for await (const { path, text, rule } of rules) {
    const { id, sigmaId, state, origin, version, contentHash } = rule
    yield { id, path, sigmaId, state, origin, version, contentHash, text }
  }
}
