// The test cases of one rule: running them, making new ones, taking the results away.

import { namesOf } from '#domain/access/names.ts'
import { can } from '#domain/access/permission.ts'
import { addCase } from '#domain/rules/testing/add-case.ts'
import { addGeneratedCases, previewCases } from '#domain/rules/testing/add-generated.ts'
import { countCases } from '#domain/rules/testing/generate-cases.ts'
import { NewCase } from '#domain/rules/input.ts'
import { junitOfRun } from '#domain/rules/testing/junit.ts'
import { getRule } from '#domain/rules/reading.ts'
import { listTestRuns, runTests } from '#domain/rules/testing/actions.ts'
import { traceLine } from '#domain/rules/testing/trace.ts'
import { GeneratePage } from '#views/rules/generate-page.tsx'
import { TestsPage } from '#views/rules/tests-page.tsx'
import { callerOf } from '#http/caller.ts'
import { sendDownload } from '#http/download.ts'
import type { HttpContext } from '#http/env.ts'
import { readForm, readId } from '#http/input.ts'
import { changed, page } from '#http/respond.tsx'
import { headOf, pathOf, trailOf } from './rule-frame.ts'

const RUNS_SHOWN = 10

export async function showTests(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const rule = await getRule(house, caller, readId(c, 'rul'))
  const runs = await listTestRuns(house, caller, rule.id, RUNS_SHOWN)
  const props = {
    ...headOf(c, rule, '/tests'),
    runs,
    names: await namesOf(
      house,
      caller,
      runs.map(({ by }) => by),
    ),
    mayTest: can(caller, 'rule.test'),
    textOf: traceLine,
  }
  return page(c, { title: 'Tests', trail: trailOf(c, rule) }, <TestsPage {...props} />)
}

export async function test(c: HttpContext): Promise<Response> {
  const id = readId(c, 'rul')
  const { passed, failed, untold } = await runTests(c.var.house, callerOf(c), id)
  const rest = untold === 0 ? '' : `, ${untold} need the target`
  const notice = `${passed} passed, ${failed} failed${rest}.`
  return changed(c, { redirect: `${pathOf(c, id)}/tests`, notice })
}

export async function addTestCase(c: HttpContext): Promise<Response> {
  const { id } = await getRule(c.var.house, callerOf(c), readId(c, 'rul'))
  const input = await readForm(c, NewCase)
  const { expect } = await addCase(c.var.house, callerOf(c), id, input)
  const does = expect === 'match' ? 'fires on' : 'stays silent on'
  const notice = `The rule ${does} the event, and the case expects that from now on.`
  return changed(c, { redirect: `${pathOf(c, id)}/tests`, notice })
}

/** What would be added, before anything is. */
export async function showGenerated(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const rule = await getRule(house, caller, readId(c, 'rul'))
  const made = await previewCases(house, caller, rule.id)
  const props = { ...headOf(c, rule, '/tests'), made, summary: countCases(made.cases) }
  return page(c, { title: 'Generated cases', trail: trailOf(c, rule) }, <GeneratePage {...props} />)
}

export async function addGenerated(c: HttpContext): Promise<Response> {
  const id = readId(c, 'rul')
  const { cases, rule } = await addGeneratedCases(c.var.house, callerOf(c), id)
  const notice = `Version ${rule.version} has ${countCases(cases)} more.`
  return changed(c, { redirect: `${pathOf(c, id)}/tests`, notice })
}

/** The newest run, for build systems. */
export async function downloadJunit(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { id, title } = await getRule(house, caller, readId(c, 'rul'))
  const [run] = await listTestRuns(house, caller, id, 1)
  const type = 'application/xml; charset=utf-8'
  return sendDownload(c, { name: `${id}.xml`, type, chunks: once(junitOfRun(title, run)) })
}

async function* once(text: string): AsyncGenerator<string> {
  yield text
}
