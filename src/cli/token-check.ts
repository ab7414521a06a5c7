// `rulewright token check`: whether what comes on standard input is a whole token of Rulewright's, by
// its checksum alone. No database is asked, so it says nothing about whether the token opens anything.

import { judgeTokenText, parseToken } from '#domain/access/token.ts'
import type { ProcessCommand } from './command.ts'
import { EXIT } from './shell.ts'

export const tokenCheck: ProcessCommand = {
  name: 'token check',
  about: 'say whether the token on standard input is whole, by its checksum; asks no server',
  runsIn: 'process',
  async run({ shell }) {
    const text = (await shell.stdin()).trim()
    switch (judgeTokenText(text)) {
      case 'whole': {
        const { kind, id } = parseToken(text)!
        shell.out(`whole: rw_${kind}_…, ${id}`)
        return EXIT.fine
      }
      case 'damaged':
        shell.out(
          'damaged: it begins like a token of Rulewright, but its checksum is wrong; was it cut?',
        )
        return EXIT.problems
      case 'foreign':
        shell.out('foreign: no token of Rulewright looks like this')
        return EXIT.problems
    }
  },
}
