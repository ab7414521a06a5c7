// A workspace with Sentinel for a file of tests, emptied before each of them, and the adapter over it.

import { beforeEach } from 'node:test'
import { openSentinel } from '#adapters/siem/sentinel/open.ts'
import type { Credential, RuleBody, SiemPort } from '#domain/targets/port.ts'
import type { Json } from '#kernel/json.ts'
import type { EventRecord } from '#languages/evaluation.ts'
import { serveArm } from '#standins/microsoft/arm.ts'
import { serveLogAnalytics } from '#standins/microsoft/log-analytics.ts'
import {
  makeWorkspace,
  SENTINEL_CONTRIBUTOR,
  type Workspace,
} from '#standins/microsoft/workspace.ts'
import { fakeClock, type FakeClock } from './clock.ts'
import { CLIENT_ID, microsoftWorld, type MicrosoftWorld } from './microsoft.ts'

export const SENTINEL_RULE: RuleBody = {
  kind: 'Scheduled',
  properties: {
    displayName: 'Failed sign-ins',
    description: 'Several of them',
    severity: 'High',
    enabled: true,
    query: 'SigninLogs | where ResultType == "50126"',
    queryFrequency: 'PT60M',
    queryPeriod: 'P1D',
    triggerOperator: 'GreaterThan',
    triggerThreshold: 0,
    suppressionDuration: 'PT5H',
    suppressionEnabled: false,
    tactics: ['InitialAccess', 'CredentialAccess'],
    customDetails: { user: 'UserPrincipalName' },
  },
}

export interface SentinelWorld extends MicrosoftWorld {
  readonly clock: FakeClock
  readonly workspace: Workspace
  open(options?: {
    readonly credential?: Credential
    readonly settings?: { readonly [key: string]: Json }
  }): SiemPort
}

export async function sentinelWorld(
  tables: Readonly<Record<string, readonly EventRecord[]>> = {},
): Promise<SentinelWorld> {
  const clock = fakeClock()
  const workspace = makeWorkspace({ clock })
  const world = await microsoftWorld(clock, (directory) => [
    (app) => serveLogAnalytics(app, { directory, workspaces: [workspace] }),
    (app) => serveArm(app, { directory, workspaces: [workspace] }),
  ])
  const { limits, rulesPerPage } = workspace
  beforeEach(() => {
    const { rules, removed, assignments } = workspace
    rules.clear()
    removed.clear()
    assignments.clear()
    assignments.set(CLIENT_ID, SENTINEL_CONTRIBUTOR)
    workspace.tables.clear()
    for (const [name, events] of Object.entries(tables)) workspace.tables.set(name, events)
    Object.assign(workspace, { limits, rulesPerPage, heldBackMs: 0 })
  })
  return {
    ...world,
    clock,
    workspace,
    open({ credential, settings } = {}) {
      const connection = world.connect({
        kind: 'sentinel',
        clock,
        ...(credential && { credential }),
        settings: {
          workspaceId: workspace.id,
          subscriptionId: workspace.subscription,
          resourceGroup: workspace.resourceGroup,
          workspaceName: workspace.name,
          ...settings,
        },
      })
      return openSentinel(connection)
    },
  }
}
