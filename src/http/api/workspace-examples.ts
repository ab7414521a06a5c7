// Examples of what a workspace decides about itself, who is invited, and its sandbox.

const ADA = 'usr_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a5b'
const AT = '2026-11-21T10:00:00.000Z'
const LATER = '2026-11-28T10:00:00.000Z'

const policy = {
  review: true,
  signatures: 2,
  passkeySigning: false,
  tokensMaySign: false,
  approvalDays: 7,
  testGate: true,
  budgetGate: false,
  windows: '',
  soakDays: 3,
  hotfix: true,
  evidenceDays: 7,
  auditDays: 365,
  agentCallsPerMinute: 120,
  agentCallsPerDay: 10_000,
  agentRowsPerDay: 100_000,
  agentSearchesPerDay: 500,
  agentMegabytesPerDay: 500,
  secondFactor: true,
  tokenDays: 90,
}

const invitation = {
  id: 'lnk_019aa8b2-3c4d-7e5f-8a9b-0c1d2e3f4a90',
  email: 'nina@acme.example',
  role: 'analyst',
  expiresAt: LATER,
}

const event = { Image: 'C:\\Windows\\System32\\whoami.exe', User: 'NT AUTHORITY\\SYSTEM' }
const sandboxEvent = { at: AT, logSource: 'product=windows,category=process_creation', event }

export const WORKSPACE_EXAMPLES = {
  WorkspacePolicy: {
    version: 4,
    policy,
    changedAt: AT,
    changedBy: ADA,
    waiting: { policy: { ...policy, review: false }, askedAt: AT, askedBy: ADA },
  },
  WorkspacePolicyEdit: { signatures: 1 },
  WorkspacePolicyOutcome: { version: 4, policy, isPending: true },
  WorkspaceRenaming: { name: 'Acme, London' },
  WaitingInvitation: { ...invitation, isApprover: false, isAuditor: true },
  Invitation: { ...invitation, url: 'https://rules.example.com/invite/…' },
  SandboxEvent: sandboxEvent,
  NewEvents: { logSource: sandboxEvent.logSource, events: [event] },
  Sandbox: {
    eventCount: 2_012,
    oldestAt: AT,
    newestAt: AT,
    sizeBytes: 1_048_576,
    alertCount: 1,
    imports: [
      {
        name: 'Sample events',
        format: 'ndjson',
        logSource: '',
        state: 'done',
        reason: null,
        eventCount: 2_012,
        badCount: 1,
        badLines: [{ line: 7, reason: 'This is no JSON.' }],
        untimedCount: 0,
      },
    ],
    alerts: [
      {
        ref: 'b0f7c1d2',
        title: 'Whoami as system',
        at: AT,
        recordedAt: AT,
        fields: { User: event.User },
        event,
      },
    ],
  },
  TargetSchema: {
    at: AT,
    completeness: { kind: 'complete' },
    tables: [
      { name: 'DeviceEvents', lastSeenAt: AT, columns: [{ name: 'ActionType', type: 'string' }] },
    ],
  },
  DetectionWish: { kind: 'splunk' },
}
