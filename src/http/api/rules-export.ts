// `/rules/export`: rules as files, while they are read.

import { z } from 'zod'
import { RuleListQuery } from '#domain/rules/input.ts'
import { ruleFiles } from '#http/rule-files.ts'
import { downloadOperation } from './operation.ts'

const exporting = () => import('#domain/rules/files/export.ts')

const { sort: _, ...FILTERS } = RuleListQuery.shape

export const exportRules = downloadOperation({
  method: 'GET',
  path: '/rules/export',
  name: 'exportRules',
  summary: 'Rules as files, byte for byte as they were saved',
  about:
    'A ZIP file with a folder for each group under `groups` and one for the exclusions over these rules, or one line of JSON for each; what is excluded has an id of its own kind. Narrowed as the list is; without anything all but those retired.',
  permission: 'rule.read',
  query: z.strictObject({ format: z.enum(['zip', 'ndjson']).default('zip'), ...FILTERS }),
  types: ['application/zip', 'application/x-ndjson'],
  async run({ house, caller, query: { format, ...filter } }) {
    const rules = (await exporting()).exportRules(house, caller, filter)
    return ruleFiles(rules, format, caller.now)
  },
})
