// What another workspace tries on deployments, and one of acme with an item for it to try on.

import assert from 'node:assert/strict'
import * as deployments from '#domain/deployments/store.ts'
import * as switches from '#domain/deployments/switch-store.ts'
import { instant } from '#kernel/time.ts'
import type { DeploymentId, RuleId, TargetId } from '#kernel/id.ts'
import { change, type Steps } from '#platform/db/steps.ts'
import type { Reader, Tx } from '#platform/db/tx.ts'
import { globex } from './database.ts'

type Attacks = Readonly<
  Record<string, Readonly<Record<string, (tx: Tx, reader: Reader) => Promise<unknown>>>>
>

const id = 'dep_01' as DeploymentId
const page = { limit: 10, after: null } as const

export const DEPLOYMENT_ATTACKS: Attacks = {
  'src/domain/deployments/switch-store.ts': {
    selectOverdueSwitches: async (_, reader) =>
      assert.deepEqual(await switches.selectOverdueSwitches(reader, globex, instant(2e12)), []),
  },
  'src/domain/deployments/store.ts': {
    getDeploymentRow: (_, reader) =>
      assert.rejects(deployments.getDeploymentRow(reader, globex, 'dep_02' as DeploymentId), {
        code: 'forbidden',
      }),
    countDeployments: async (_, reader) =>
      assert.equal(await deployments.countDeployments(reader, globex, {}), 0),
    selectDeployments: (_, reader) => deployments.selectDeployments(reader, globex, {}, page),
    selectItems: async (_, reader) =>
      assert.deepEqual(await deployments.selectItems(reader, globex, id), []),
    selectWritten: async (_, reader) => {
      const at = { ruleId: 'rul_01' as RuleId, targetId: 'tgt_01' as TargetId }
      assert.deepEqual(await deployments.selectWritten(reader, globex, at, 10), [])
    },
    selectUnsettled: async (_, reader) => {
      const { items, count } = await deployments.selectUnsettled(reader, globex, 10)
      assert.deepEqual([items.length, count], [0, 0])
    },
    findPause: async (_, reader) => {
      const at = { ruleId: 'rul_01' as RuleId, targetId: 'tgt_01' as TargetId }
      assert.equal(await deployments.findPause(reader, globex, at), undefined)
    },
    updateDeployment: (tx) => deployments.updateDeployment(tx, id, { state: 'failed' }),
    updateItem: (tx) => deployments.updateItem(tx, { deploymentId: id, number: 1 }, { ref: 'x' }),
  },
}

/** After the target and the rule. */
export function* plantDeployment(): Steps<void> {
  yield* change(
    `insert into "deployment" ("workspaceId", "id", "changeId", "changeTitle", "changeHash", "kind",
       "state", "isDryRun", "isCancelled", "startedAt", "startedBy")
     values ('wsp_acme', 'dep_01', 'chg_01', 'stolen', 'x', 'change', 'deployed', 0, 0, 1, 'x')`,
  )
  yield* change(
    `insert into "deploymentItem" ("workspaceId", "deploymentId", "number", "ruleId", "targetId",
       "ruleTitle", "targetName", "kind", "action", "state", "ref", "body", "isSigned",
       "soakDays")
     values ('wsp_acme', 'dep_01', 1, 'rul_01', 'tgt_01', 'stolen', 'local', 'local', 'add', 'done',
       'stolen', '{}', 1, 0)`,
  )
}
