// What runs with the rights of the credential in force: rules that its account wrote last. Kibana does not
// tell with which of an account's keys that was.

import type { Dependants, SiemRules } from '#domain/targets/port.ts'
import { whoAmI, type Ends } from './check.ts'

export async function readDependants(
  { elasticsearch }: Ends,
  rules: SiemRules,
  next: { readonly identity: string | null },
  signal: AbortSignal,
): Promise<Dependants> {
  const { user, keyId, identity } = await whoAmI(elasticsearch, signal)
  if (next.identity === identity) return { items: [], completeness: { kind: 'complete' } }
  const why =
    keyId === null
      ? `${user} wrote it last, and it runs with the rights of that account: write it again with the next credential.`
      : `${user} wrote it last: if that was with this key, it stops when the key ends or is deleted. Write it again with the next key before.`
  const { rules: all, completeness } = await rules.list(signal)
  const items = all
    .filter(({ changedBy, isEnabled }) => changedBy === user && isEnabled !== false)
    .map(({ ref, name }) => ({ ref, name, why }))
  return { items, completeness }
}
