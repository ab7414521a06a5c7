// `/rules/import` and `/rules/imports`: rules that are brought from elsewhere, and what became of each
// document.

import { z } from 'zod'
import { ImportQuery, RulesToImport, StartImportInput } from '#domain/rules/input.ts'
import {
  CONFLICT_CHOICES,
  FINDINGS,
  IMPORT_RESULTS,
  IMPORT_STATES,
  type ImportWish,
  type RuleImport,
} from '#domain/rules/imports/import.ts'
import { ARCHIVE_CAPS, inOrder, readEntries } from '#domain/rules/imports/files.ts'
import { KINDS } from '#domain/rules/renders/kinds.ts'
import { formatInstant } from '#kernel/time.ts'
import { archiveOperation, operation } from './operation.ts'
import { ProblemShape, problemShape } from './rules.ts'
import {
  accepted,
  idOf,
  InstantText,
  JobIdText,
  named,
  PAGE_QUERY,
  pageIn,
  pageShape,
  RuleIdText,
} from './shapes.ts'
import { startedJob, StartedJobShape } from './started-job.ts'

/** Loaded by the first request and not by the start: the reader of rules is large. */
const actions = () => import('#domain/rules/imports/actions.ts')

const ImportIdText = idOf('imp')
const ImportPath = z.strictObject({ id: ImportIdText })

const importFields = {
  id: ImportIdText,
  state: z.enum(IMPORT_STATES),
  source: z.string(),
  fileCount: z.int(),
  conflicts: z.enum(CONFLICT_CHOICES).nullable(),
  job: JobIdText.nullable(),
  createdAt: InstantText,
  createdBy: z.string(),
}
const ListedImport = z
  .strictObject({
    ...importFields,
    documents: z.int(),
    broken: z.int(),
    written: z.int(),
  })
  .register(named, { id: 'ListedRuleImport' })
const ListedImportPage = pageShape(ListedImport).register(named, { id: 'ListedRuleImportPage' })
const countsOf = <const T extends readonly [string, ...string[]]>(keys: T) =>
  z.partialRecord(z.enum(keys), z.int())
const ImportWithCountsShape = z
  .strictObject({
    ...importFields,
    isStopped: z.boolean(),
    findings: countsOf(FINDINGS),
    results: countsOf(IMPORT_RESULTS),
    compiles: countsOf(KINDS),
    lackTests: z.int(),
    native: z.int(),
  })
  .register(named, { id: 'RuleImportWithCounts' })
const ItemShape = z
  .strictObject({
    position: z.int(),
    path: z.string(),
    title: z.string().nullable(),
    finding: z.enum(FINDINGS),
    result: z.enum(IMPORT_RESULTS).nullable(),
    rule: RuleIdText.nullable(),
    problems: z.array(ProblemShape),
  })
  .register(named, { id: 'RuleImportItem' })
const ItemPageShape = pageShape(ItemShape).register(named, { id: 'RuleImportItemPage' })
const StartedImportShape = z
  .strictObject({ ...StartedJobShape.shape, import: ImportIdText })
  .register(named, { id: 'StartedImport' })

function importShape(found: RuleImport) {
  const { id, state, source, fileCount, conflicts, jobId, createdAt, createdBy } = found
  const at = formatInstant(createdAt)
  return { id, state, source, fileCount, conflicts, job: jobId, createdAt: at, createdBy }
}

function wishOf(given: z.output<typeof StartImportInput>): ImportWish {
  const { conflicts, allOrNothing, keepBroken } = given
  return { conflicts, isAllOrNothing: allOrNothing, keepsBroken: keepBroken }
}

const bring = archiveOperation({
  method: 'POST',
  path: '/rules/import',
  name: 'importRules',
  summary: 'Bring rules from files of this and other products',
  about:
    "A ZIP file, or JSON for a few. Each file is told by its content: Sigma, Splunk's savedsearches.conf, Sentinel's templates, what Kibana exports. `conflicts` says what becomes of rules that were edited here and there in the same place; what is broken stops nothing else unless `allOrNothing` is true: then the job fails and the import stays a preview. With `keepBroken` it becomes a rule as well, if it has a title, and says what is wrong.",
  permission: 'rule.write',
  query: ImportQuery,
  body: RulesToImport.register(accepted, { id: 'RulesToImport' }),
  caps: ARCHIVE_CAPS,
  status: 202,
  answer: StartedImportShape,
  async run({ house, caller, query, body }) {
    const files = inOrder('files' in body ? body.files : await readEntries(body))
    const source = query.source ?? `${files.length} ${files.length === 1 ? 'file' : 'files'}`
    const wish = wishOf(query)
    const { importFiles } = await actions()
    const { importId, jobId } = await importFiles(house, caller, { source, files }, wish)
    return { ...startedJob(jobId), import: importId }
  },
})

const list = operation({
  method: 'GET',
  path: '/rules/imports',
  name: 'listRuleImports',
  summary: 'The newest imports',
  permission: 'rule.write',
  query: z.strictObject(PAGE_QUERY),
  answer: ListedImportPage,
  async run(call) {
    const imports = await (await actions()).listImports(call.house, call.caller)
    const shown = imports.map(({ documents, broken, written, ...found }) => {
      return { ...importShape(found), documents, broken, written }
    })
    return pageIn(call, 'imports', shown, ({ id }) => id)
  },
})

const get = operation({
  method: 'GET',
  path: '/rules/imports/{id}',
  name: 'getRuleImport',
  summary: 'One import with its numbers',
  about:
    '`findings` say what the documents are to the workspace, `results` what became of them, `compiles` how many of its rules compile for each kind of place, `lackTests` how many have no case that fires or none that stays silent, `native` how many speak only the words of a product: their page says whether they can be Sigma. `isStopped`: it may be started again.',
  permission: 'rule.write',
  params: ImportPath,
  answer: ImportWithCountsShape,
  async run({ house, caller, params }) {
    const { found, ...counts } = await (await actions()).getImport(house, caller, params.id)
    return { ...importShape(found), ...counts }
  },
})

const items = operation({
  method: 'GET',
  path: '/rules/imports/{id}/items',
  name: 'listRuleImportItems',
  summary: 'The documents of an import, in the order of their files',
  permission: 'rule.write',
  params: ImportPath,
  query: z.strictObject({
    finding: z.enum(FINDINGS).optional(),
    result: z.enum(IMPORT_RESULTS).optional(),
    ...PAGE_QUERY,
  }),
  answer: ItemPageShape,
  async run({ house, caller, params, query }) {
    const page = await (await actions()).listImportItems(house, caller, params.id, query)
    return {
      items: page.items.map(({ ruleId, problems, ...item }) => ({
        ...item,
        rule: ruleId,
        problems: problems.map(problemShape),
      })),
      next: page.next,
    }
  },
})

const start = operation({
  method: 'POST',
  path: '/rules/imports/{id}/start',
  name: 'startRuleImport',
  summary: 'Write a preview, or go on with an import that was stopped',
  permission: 'rule.write',
  params: ImportPath,
  body: StartImportInput.register(accepted, { id: 'ImportStart' }),
  status: 202,
  answer: StartedJobShape,
  async run({ house, caller, params, body }) {
    const { startImport } = await actions()
    return startedJob(await startImport(house, caller, params.id, wishOf(body)))
  },
})

export const RULE_IMPORT_OPERATIONS = [bring, list, get, items, start]
