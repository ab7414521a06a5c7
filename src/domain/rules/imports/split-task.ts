// Files that somebody brings taken apart into documents, in a worker thread: nothing of them is trusted.

import { foreignError, leftOut } from '#languages/rule-formats/foreign.ts'
import { formatOf, readForeignFile } from '#languages/rule-formats/read.ts'
import { splitDocuments } from '#languages/sigma/split.ts'
import type { Problem } from '#kernel/problem.ts'
import type { WorkerTask } from '#platform/worker.ts'

export interface FileToSplit {
  readonly path: string
  readonly text: string
  /** Why there is no text of it, in a sentence. */
  readonly refusal?: string
}

export interface SplitDocument {
  readonly path: string
  /** Empty for what is no rule; `problems` says what it is. */
  readonly text: string
  readonly problems: readonly Problem[]
}

/** In the order of the files. */
export const splitFiles: WorkerTask<readonly FileToSplit[], readonly SplitDocument[]> = {
  worker: 'rules',
  name: 'rules.split',
}

export function splitFilesHere(files: readonly FileToSplit[]): readonly SplitDocument[] {
  return files.flatMap(splitFile)
}

const FOLDED = leftOut(
  'An "action" of the file was folded into this document; its comments are not kept.',
)

function splitFile({ path, text, refusal }: FileToSplit): readonly SplitDocument[] {
  if (refusal !== undefined) return [{ path, text: '', problems: [foreignError(refusal)] }]
  const format = formatOf(text)
  if (format === 'rule_file') {
    const documents = splitDocuments(text)
    return documents.map((one) => ({
      path: documents.length > 1 ? `${path}#${one.index}` : path,
      text: one.text,
      problems: one.isFolded ? [FOLDED] : [],
    }))
  }
  const { rules, problems } = readForeignFile(text, format)
  return [
    ...rules.map((rule) => ({
      path: `${path} ${rule.place}`,
      text: rule.text,
      problems: rule.problems,
    })),
    ...problems.map((problem) => ({ path, text: '', problems: [problem] })),
  ]
}
