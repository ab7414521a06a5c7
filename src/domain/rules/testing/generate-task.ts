// Test cases made of a rule, in a worker thread: a large rule asks for many values.

import type { WorkerTask } from '#platform/worker.ts'
import { generateCases, type GeneratedCases } from './generate-cases.ts'
import type { RuleToTest } from './task.ts'

export const generateTestCases: WorkerTask<RuleToTest, GeneratedCases> = {
  worker: 'rules',
  name: 'rules.generate',
}

export function generateTestCasesHere({ text, sources }: RuleToTest): GeneratedCases {
  // Of what the rules say themselves: exclusions over them end.
  return generateCases(
    text,
    sources.map((one) => one.text),
  )
}
