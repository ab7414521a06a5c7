// Whether a workspace can be reached under both of its names, and whether they are names of one workspace.

import { z } from 'zod'
import { readAs, skewOf } from '#adapters/siem/microsoft/client.ts'
import { scopeOf } from '#adapters/siem/microsoft/cloud.ts'
import { expiryOf, identityOf } from '#adapters/siem/microsoft/sign-in.ts'
import type { CheckAnswer, Connection } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import { explainPath, type SentinelAccess } from './access.ts'
import { explain } from './logs.ts'
import { workspacePath } from './settings.ts'

const WORKSPACE_VERSION = '2023-09-01'

const workspace = z.object({ properties: z.object({ customerId: z.string() }) })

/** Signs in anew: a credential that was taken away does not live on in what is kept. */
export async function checkSentinel(
  access: SentinelAccess,
  { credential, now }: Connection,
  signal: AbortSignal,
): Promise<CheckAnswer> {
  const { settings, signIn, logsClient, arm } = access
  const token = await signIn.token(scopeOf(settings, 'logs'), signal, { isFresh: true })
  const asked = now()
  const reply = await logsClient.send({
    method: 'POST',
    path: `/v1/workspaces/${settings.workspaceId}/query`,
    body: { query: 'print 1', timespan: 'PT1M' },
    what: 'a query of nothing',
    explain,
    signal,
  })
  const what = 'which workspace it is'
  const resource = await arm.send({
    path: workspacePath(settings),
    query: { 'api-version': WORKSPACE_VERSION },
    what,
    explain: explainPath,
    signal,
  })
  const { properties } = readAs(workspace, resource.body, { service: arm.service, what })
  if (properties.customerId.toLowerCase() !== settings.workspaceId.toLowerCase()) {
    const message = `The workspace ID is of another workspace than ${settings.workspaceName}: queries and rules would go to two.`
    throw new AppError('invalid', message)
  }
  return {
    product: 'Microsoft Sentinel',
    version: null,
    identity: identityOf(token),
    clockSkewMs: skewOf(reply.headers, asked),
    expiresAt: expiryOf(credential),
  }
}
