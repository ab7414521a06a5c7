// Acts of the audit log in words. An act without words here is shown by its name, so a new one is never
// hidden.

import type { AuditOutcome } from '#platform/audit/list.ts'

const WORDS: Readonly<Record<string, string>> = {
  'audit.checkpoint': 'Signed a checkpoint of the log',
  'audit.epoch': 'Began a new part of the log after a break',
  'audit.erase': 'Erased personal data on request',
  'audit.export': 'Exported the log',
  'audit.key': 'Changed the key that signs checkpoints',
  'audit.retention': 'Removed entries past their time',
  'audit.verify': 'Verified the log',
  'backup.create': 'Made a backup',
  'backup.restore': 'Restored a backup',
  'instance.create': 'Made this instance',
  'instance.release': 'Released the instance after a restore',
  'instance.start': 'Started',
  'instance.stop': 'Stopped',
  'job.cancel': 'Cancelled a job',
  'secret.rotate': 'Changed the master secret',
  'session.start': 'Signed in',
  'session.end': 'Signed out',
  'workspace.add': 'Added the workspace',
  'workspace.create': 'Added the workspace',
}

export function describeAction(action: string, outcome: AuditOutcome): string {
  const words = WORDS[action] ?? action
  if (outcome === 'refused') return `Refused: ${lowerFirst(words)}`
  if (outcome === 'failed') return `Failed: ${lowerFirst(words)}`
  return words
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)
