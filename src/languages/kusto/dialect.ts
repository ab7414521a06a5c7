// Kusto as doors see it. Only a worker imports this: it loads Microsoft's parser.

import { makeDialect } from '#languages/dialect.ts'
import { compareKusto } from './compare.ts'
import { KUSTO_EDITOR } from './editor.ts'
import { formatKusto } from './format.ts'
import { parseKusto } from './parse.ts'
import { readKusto } from './reads.ts'

export const KUSTO = makeDialect(
  { parse: parseKusto, reads: readKusto, format: formatKusto, compare: compareKusto },
  KUSTO_EDITOR,
)
