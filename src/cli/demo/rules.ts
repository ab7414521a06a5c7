// The steps about rules: those the product brings are added, compiled and tested; one of them is edited,
// fails its tests, and goes back to what it was.

import { systemCaller } from '#domain/access/system.ts'
import { restoreRule, saveRule } from '#domain/rules/actions.ts'
import { explainChanges } from '#domain/rules/merge/explain-changes.ts'
import { KIND_ROWS, KINDS } from '#domain/rules/renders/kinds.ts'
import { getRule, listRules } from '#domain/rules/reading.ts'
import { listRenders } from '#domain/rules/renders/actions.ts'
import { addStarterRules } from '#domain/rules/starter.ts'
import { runManyTests, runTests } from '#domain/rules/testing/actions.ts'
import type { Workspace } from '#domain/workspaces/workspace.ts'
import type { House } from '#platform/house.ts'
import { expect } from './story.ts'

export async function addRules(house: House, { id }: Workspace): Promise<string> {
  const caller = systemCaller(house, 'demo', undefined, id)
  const { added } = await addStarterRules(house, caller)
  const broken = { filter: { problems: 'errors' }, sort: 'title', limit: 1 } as const
  const { count } = await listRules(house, caller, broken)
  expect(count === 0, 'no starter rule has an error')
  const watch = { signal: new AbortController().signal, progress: () => {} }
  const { rules, passed, failed } = await runManyTests(house, caller, {}, watch)
  expect(failed === 0 && rules === added, 'every rule is tested and every case holds')
  const kinds = KINDS.filter((kind) => kind !== 'local')
  const compiled: string[] = []
  for (const kind of kinds) {
    const filter = { compiles: [kind] }
    const found = await listRules(house, caller, { filter, sort: 'title', limit: 1 })
    expect(found.count > 0, `rules compile for ${kind}`)
    compiled.push(`${KIND_ROWS[kind].label} ${found.count}`)
  }
  return `${added} rules, ${passed} test cases passed; compiled for ${compiled.join(', ')}`
}

export async function editAndRestore(house: House, { id }: Workspace): Promise<string> {
  const caller = systemCaller(house, 'demo', undefined, id)
  const first = { filter: { q: 'whoami as system' }, sort: 'title', limit: 1 } as const
  const [found] = (await listRules(house, caller, first)).items
  expect(found, 'a rule is found by a word of it')
  const { text, version } = await getRule(house, caller, found.id)
  const renders = await listRenders(house, caller, found.id)
  const compiled = renders.filter(({ state }) => state === 'ok').length
  const edit = { reason: 'a slip of the hand', expected: new Set([String(version)]) }
  // Only the detection: the cases below it say what it should do.
  const at = text.indexOf('rulewright:')
  const slip = text.slice(0, at).replaceAll('whoami.exe', 'who.exe') + text.slice(at)
  await saveRule(house, caller, found.id, { ...edit, text: slip })
  const { failed } = await runTests(house, caller, found.id)
  const [said] = await explainChanges(house.workers, text, slip)
  expect(said, 'the versions are compared in words')
  expect(failed > 0, 'its tests notice the edit')
  const back = { version, reason: 'back', expected: 'any' } as const
  await restoreRule(house, caller, found.id, back)
  const { verdict } = await runTests(house, caller, found.id)
  expect(verdict === 'passed', 'the version before holds again')
  return `“${found.title}”, for ${compiled} kinds of target: “${said}” failed ${failed} of its tests and was undone`
}
