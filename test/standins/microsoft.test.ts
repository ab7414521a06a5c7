// Microsoft's stand-ins, judged by Azure's own clients: what they cannot use is wrong.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  SecurityInsights,
  type AutomationRuleRunPlaybookAction,
  type ScheduledAlertRule,
} from '@azure/arm-securityinsight'
import { ClientCertificateCredential, ClientSecretCredential } from '@azure/identity'
import { LogsQueryClient, LogsQueryResultStatus } from '@azure/monitor-query-logs'
import { instant } from '#kernel/time.ts'
import { makeSentinel } from '#standins/estate/sentinel.ts'
import { serveArm } from '#standins/microsoft/arm.ts'
import { TENANT } from '#standins/microsoft/directory.ts'
import { serveLogAnalytics } from '#standins/microsoft/log-analytics.ts'
import { makeWorkspace, SENTINEL_CONTRIBUTOR } from '#standins/microsoft/workspace.ts'
import { makeCertificate } from '#test/support/certificate.ts'
import { CLIENT_ID, microsoftWorld, VALID } from '#test/support/microsoft.ts'

// Azure's clients keep the machine's time.
const clock = { now: () => instant(Date.now()) }
const ago = (minutes: number) => new Date(clock.now() - minutes * 60_000).toISOString()
const workspace = makeWorkspace({
  clock,
  assignments: new Map([[CLIENT_ID, SENTINEL_CONTRIBUTOR]]),
  tables: new Map([
    [
      'SigninLogs',
      [
        { TimeGenerated: ago(90), UserPrincipalName: 'ada', ResultType: '0' },
        { TimeGenerated: ago(30), UserPrincipalName: 'vera', ResultType: '50126' },
        { TimeGenerated: ago(20), UserPrincipalName: 'ravi', ResultType: '50126' },
      ],
    ],
  ]),
})
const { directory, standin, ca } = await microsoftWorld(clock, (made) => [
  (app) => serveLogAnalytics(app, { directory: made, workspaces: [workspace] }),
  (app) => serveArm(app, { directory: made, workspaces: [workspace] }),
])
const options = { tlsOptions: { ca }, retryOptions: { maxRetries: 0 } }
const entra = { ...options, authorityHost: standin.url, disableInstanceDiscovery: true }
const app = new ClientSecretCredential(TENANT, CLIENT_ID, 'a long secret', entra)
const SCOPE = 'https://management.azure.com/.default'

test('the client signs in with a secret, and reads why it may not', async () => {
  const token = await app.getToken(SCOPE)
  assert.equal(token.token.split('.').length, 3)
  const stranger = new ClientSecretCredential(TENANT, CLIENT_ID, 'another', entra)
  await assert.rejects(stranger.getToken(SCOPE), /AADSTS7000215/)
  const elsewhere = new ClientSecretCredential(CLIENT_ID, CLIENT_ID, 'a long secret', entra)
  await assert.rejects(elsewhere.getToken(SCOPE), /AADSTS90002/)
})

test('the client signs in with a certificate that is registered, and with no other', async () => {
  const [mine, other] = [1, 2].map((serial) => makeCertificate(...VALID, serial, 'rsa'))
  directory.registrations[0]!.certificates.push(mine!.cert)
  const as = ({ cert, key }: { cert: string; key: string }) =>
    new ClientCertificateCredential(TENANT, CLIENT_ID, { certificate: `${key}${cert}` }, entra)
  assert.ok((await as(mine!).getToken(SCOPE)).token)
  await assert.rejects(as(other!).getToken(SCOPE), /AADSTS700027/)
})

test('the client of Log Analytics asks a query, a part of it, and several at once', async () => {
  const logs = new LogsQueryClient(app, { ...options, endpoint: `${standin.url}/v1` })
  const text = 'SigninLogs | where ResultType == "50126" | project TimeGenerated, UserPrincipalName'
  const hour = { duration: 'PT1H' }
  const whole = await logs.queryWorkspace(workspace.id, text, hour, {
    includeQueryStatistics: true,
  })
  assert.ok(whole.status === LogsQueryResultStatus.Success)
  assert.deepEqual(
    whole.tables[0]!.rows.map((row) => row[1]),
    ['vera', 'ravi'],
  )
  assert.ok(whole.statistics)
  workspace.limits = { rows: 1, bytes: 64_000_000 }
  const part = await logs.queryWorkspace(workspace.id, text, hour)
  workspace.limits = { rows: 500_000, bytes: 64_000_000 }
  assert.ok(part.status === LogsQueryResultStatus.PartialFailure)
  assert.equal(part.partialTables[0]!.rows.length, 1)
  assert.equal(part.partialError.code, 'PartialError')
  const [good, bad] = await logs.queryBatch([
    { workspaceId: workspace.id, query: 'SigninLogs | count', timespan: { duration: 'PT1H' } },
    { workspaceId: workspace.id, query: 'SigninLogs | wher a', timespan: { duration: 'PT1H' } },
  ])
  assert.ok(good?.status === LogsQueryResultStatus.Success)
  assert.deepEqual(good.tables[0]!.rows, [[2]])
  // What the client calls a failed one of a batch.
  assert.ok(bad?.status === LogsQueryResultStatus.PartialFailure)
  assert.deepEqual([bad.partialTables, bad.partialError.code], [[], 'BadArgumentError'])
  await assert.rejects(logs.queryWorkspace(TENANT, text, hour), { code: 'WorkspaceNotFoundError' })
})

test('the client of Sentinel writes, lists over pages, changes by etag and removes rules', async () => {
  const insights = new SecurityInsights(app, workspace.subscription, {
    ...options,
    endpoint: standin.url,
  })
  const at = [workspace.resourceGroup, workspace.name] as const
  const rule: ScheduledAlertRule = {
    kind: 'Scheduled',
    displayName: 'Failed sign-ins',
    description: 'Several of them',
    severity: 'High',
    enabled: true,
    query: 'SigninLogs | where ResultType == "50126"',
    queryFrequency: 'PT60M',
    queryPeriod: 'PT1H',
    triggerOperator: 'GreaterThan',
    triggerThreshold: 0,
    suppressionDuration: 'PT5H',
    suppressionEnabled: false,
    tactics: ['InitialAccess', 'CredentialAccess'],
  }
  workspace.rulesPerPage = 2
  for (const id of ['a', 'b', 'c']) await insights.alertRules.createOrUpdate(...at, id, rule)
  const names: (string | undefined)[] = []
  for await (const { name } of insights.alertRules.list(...at)) names.push(name)
  assert.deepEqual(names, ['a', 'b', 'c'])
  const read = (await insights.alertRules.get(...at, 'a')) as ScheduledAlertRule
  assert.equal(read.queryFrequency, 'PT1H')
  await assert.rejects(insights.alertRules.createOrUpdate(...at, 'a', rule), { statusCode: 409 })
  const changed = { ...rule, etag: read.etag!, severity: 'Low' as const }
  const written = await insights.alertRules.createOrUpdate(...at, 'a', changed)
  assert.equal((written as ScheduledAlertRule).severity, 'Low')
  const near = { ...rule, kind: 'NRT' as const, etag: written.etag! }
  await assert.rejects(insights.alertRules.createOrUpdate(...at, 'a', near), /cannot be changed/)
  const lost = { ...rule, query: 'NoSuchTable_CL | take 1' }
  await assert.rejects(insights.alertRules.createOrUpdate(...at, 'd', lost), /'query' is invalid/)
  workspace.automationRules.push(
    ...makeSentinel(clock, [], { clientId: CLIENT_ID, may: SENTINEL_CONTRIBUTOR }).automationRules,
  )
  const playbooks: (string | undefined)[] = []
  for await (const { actions } of insights.automationRules.list(...at)) {
    for (const one of actions) {
      if (one.actionType === 'RunPlaybook') {
        playbooks.push(
          (one as AutomationRuleRunPlaybookAction).actionConfiguration?.logicAppResourceId,
        )
      }
    }
  }
  assert.match(playbooks.join(), /^\/subscriptions\/.*\/workflows\/call-the-owner$/)
  await insights.alertRules.delete(...at, 'a')
  await assert.rejects(insights.alertRules.get(...at, 'a'), { statusCode: 404 })
})
