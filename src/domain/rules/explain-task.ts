// Why the rules of a text judge an event as they do, told in a worker thread: the text is foreign.

import type { Problem } from '#kernel/problem.ts'
import { parseSigma } from '#languages/sigma/parse.ts'
import type { WorkerTask } from '#platform/worker.ts'
import { traceOf, type TraceLine } from './testing/trace.ts'

export interface ToExplain {
  readonly text: string
  readonly event: Readonly<Record<string, unknown>>
}

export interface ExplainedText {
  readonly documents: readonly { readonly title: string; readonly lines: readonly TraceLine[] }[]
  readonly problems: readonly Problem[]
}

export const explainTexts: WorkerTask<ToExplain, ExplainedText> = {
  worker: 'rules',
  name: 'rules.explain',
}

export function explainTextsHere({ text, event }: ToExplain): ExplainedText {
  const { outlines } = parseSigma(text)
  const documents = outlines.flatMap(({ document }) =>
    document?.kind === 'rule'
      ? [{ title: document.title, lines: traceOf(document, event, 0).lines }]
      : [],
  )
  return { documents, problems: outlines.flatMap(({ problems }) => problems) }
}
