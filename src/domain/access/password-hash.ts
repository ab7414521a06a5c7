// Passwords at rest: Argon2id (RFC 9106) as PHC strings. One verification takes 64 MiB and a tenth of
// a second, so a turnstile bounds how many run at once; it is one for the process because memory and
// threads are. Whoever has no password costs the same as somebody with a wrong one.

import { hash, parseOptions, verify } from '@node-rs/argon2'
import type { House } from '#platform/house.ts'
import { normalisePassword } from './password.ts'
import { Turnstile } from './turnstile.ts'

const PARAMETERS = { algorithm: 2, memoryCost: 64 * 1024, timeCost: 3, parallelism: 4 } as const
const SALT_BYTES = 16

/** 18 at work or waiting take 1.2 GiB at the very most, and the last of them waits a second. */
const turnstile = new Turnstile({ running: 2, waiting: 16, retryAfterSeconds: 2 })

/** Well-formed, and of no password: what is verified when there is no account to verify. */
const NOBODY = `$argon2id$v=19$m=65536,t=3,p=4$${'A'.repeat(22)}$${'A'.repeat(43)}`

/** A PHC string. Throws `busy`. */
export function hashPassword({ random }: Pick<House, 'random'>, password: string): Promise<string> {
  const salt = random(SALT_BYTES)
  return turnstile.pass(() => hash(normalisePassword(password), { ...PARAMETERS, salt }))
}

/**
 * Whether the password is the one of `phc`; false for null, after the same work. `admit` runs at the
 * head of the queue: what it throws saves the work. Throws `busy`.
 */
export function verifyPassword(
  phc: string | null,
  password: string,
  admit: () => Promise<void> = async () => {},
): Promise<boolean> {
  return turnstile.pass(async () => {
    await admit()
    const isSame = await verify(phc ?? NOBODY, normalisePassword(password))
    return isSame && phc !== null
  })
}

/** True for a hash made with less than today's parameters: it is made again at the next sign-in. */
export function isOutdated(phc: string): boolean {
  const { algorithm, memoryCost, timeCost, parallelism } = parseOptions(phc)
  return (
    (algorithm as number) !== PARAMETERS.algorithm ||
    memoryCost < PARAMETERS.memoryCost ||
    timeCost < PARAMETERS.timeCost ||
    parallelism < PARAMETERS.parallelism
  )
}
