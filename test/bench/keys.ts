// A new master secret for an instance of a thousand workspaces that all have sealed something.

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { systemCaller } from '#domain/access/system.ts'
import { rotateSecret } from '#domain/instance/actions.ts'
import { startApp } from '#src/app.ts'
import { makeScope } from '#platform/db/scope.ts'
import { checkMasterSecret, makeMasterSecret } from '#platform/keys/master.ts'
import { testConfiguration } from '#test/support/configuration.ts'
import type { Bench } from './bench.ts'

const WORKSPACES = 1_000
const PLACE = { table: 'target', row: 'tgt_1', column: 'credential' }

export const bench: Bench = {
  name: 'keys',
  async run(print) {
    const folder = mkdtempSync(path.join(tmpdir(), 'rulewright-bench-'))
    try {
      const configuration = testConfiguration(folder, { RULEWRIGHT_LOG_LEVEL: 'error' })
      const { house, stop } = await startApp({ configuration })
      const scopes = Array.from({ length: WORKSPACES }, (_, i) => makeScope(`wsp_${i}`))
      let startedAt = performance.now()
      for (const scope of scopes) await house.keys.seal(scope, PLACE, Buffer.from('hunter2'))
      print('first secrets, each with a key of its own', rate(startedAt))
      const [scope] = scopes
      startedAt = performance.now()
      for (let i = 0; i < WORKSPACES; i++)
        await house.keys.seal(scope!, PLACE, Buffer.from('hunter2'))
      print('values sealed', rate(startedAt))
      const master = checkMasterSecret(makeMasterSecret(randomBytes), 'the bench')
      startedAt = performance.now()
      const { workspaceKeys } = await rotateSecret(house, systemCaller(house, 'bench'), master)
      const took = `${(performance.now() - startedAt).toFixed(0)} ms`
      print(`a new master secret over ${workspaceKeys} workspaces`, took, '< 5,000 ms')
      await stop()
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

const rate = (startedAt: number): string =>
  `${((WORKSPACES * 1_000) / (performance.now() - startedAt)).toFixed(0)}/s`
