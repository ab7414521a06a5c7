// The steps about moving rules: files of other products come in, one of them broken and mended; and what
// is exported from one workspace comes into another byte for byte.

import { systemCaller } from '#domain/access/system.ts'
import { exportRules } from '#domain/rules/files/export.ts'
import { mendImportItem } from '#domain/rules/imports/mend.ts'
import { getImport, importFiles, listImportItems } from '#domain/rules/imports/actions.ts'
import type { FileToSplit } from '#domain/rules/imports/split-task.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import type { ImportId } from '#kernel/id.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { nextTurn } from '#platform/turns.ts'
import { followJob } from './follow-job.ts'
import { expect } from './story.ts'

const SPLUNK = `[Failed sign-ins of one user]
description = Somebody guesses a password
search = index=windows EventCode=4625 | stats count by user | where count > 20
cron_schedule = */5 * * * *
`
const SENTINEL = `id: 0f1e2d3c-4b5a-4968-8776-655443322110
name: Mailbox rule that deletes everything
severity: High
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
query: OfficeActivity | where Operation == "New-InboxRule"
kind: Scheduled
`
const BROKEN = `title: Tool that reads passwords out of memory
logsource: {category: process_creation, product: windows}
detection:
  selection: {Image|endswith: '\\mimikatz.exe'}
  condition: selektion
`

export async function importForeign(house: House, { id }: Workspace): Promise<string> {
  const caller = systemCaller(house, 'demo', undefined, id)
  const files = [
    { path: 'savedsearches.conf', text: SPLUNK },
    { path: 'mailbox.yaml', text: SENTINEL },
    { path: 'memory.yml', text: BROKEN },
  ]
  const importId = await bring(house, caller, files)
  const { results } = await getImport(house, caller, importId)
  expect(results.created === 2 && results.skipped === 1, 'one broken file stops no other')
  const broken = { finding: 'broken', limit: 1 } as const
  const [item] = (await listImportItems(house, caller, importId, broken)).items
  const [problem] = item?.problems ?? []
  expect(item && problem?.line === 5, 'what is wrong is told with its place')
  const text = BROKEN.replace('selektion', 'selection')
  const left = await mendImportItem(house, caller, importId, { position: item.position, text })
  const after = await getImport(house, caller, importId)
  expect(left.length === 0 && after.results.created === 3, 'mended, it is a rule')
  return `a search of Splunk and a rule of Sentinel; “${problem.message}” (line ${problem.line}), mended`
}

/** Of those that are in both workspaces the import says that they are the same. */
export async function moveRules(house: House, from: Workspace, to: Workspace): Promise<string> {
  const there = systemCaller(house, 'demo', undefined, to.id)
  const before = await readExport(house, systemCaller(house, 'demo', undefined, from.id))
  await bring(house, there, before)
  const after = await readExport(house, there)
  const texts = (files: readonly FileToSplit[]) => files.map(({ text }) => text).toSorted()
  const isSame = texts(before).every((text, at) => text === texts(after)[at])
  expect(before.length > 0 && before.length === after.length && isSame, 'every byte comes in again')
  return `${before.length} rules exported from ${from.name} are in ${to.name}, every byte of them`
}

async function bring(
  house: House,
  caller: Caller,
  files: readonly FileToSplit[],
): Promise<ImportId> {
  const wish = { conflicts: 'keep', isAllOrNothing: false, keepsBroken: false } as const
  const brought = { source: `${files.length} files`, files }
  const { importId, jobId } = await importFiles(house, caller, brought, wish)
  const { job } = await followJob(house, caller, jobId)
  expect(job.state === 'succeeded', `the import succeeds (${job.reason ?? job.state})`)
  await nextTurn() // the reader is not used in the turn of a commit
  return importId
}

async function readExport(house: House, caller: Caller): Promise<readonly FileToSplit[]> {
  const files: FileToSplit[] = []
  for await (const { path, text } of exportRules(house, caller, {})) files.push({ path, text })
  return files
}
