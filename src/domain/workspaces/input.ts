// What a valid workspace is, for every door.

import { z } from 'zod'

/** Short enough for an address people read aloud; starts with a letter, so it is never a number. */
export const WorkspaceSlug = z
  .string()
  .regex(
    /^[a-z](?:[a-z0-9]|-(?!-)){0,38}(?<!-)$/,
    'is 1 to 39 lower-case letters, digits and single hyphens, beginning with a letter',
  )

export const WorkspaceName = z
  .string()
  .trim()
  .min(1, 'is empty')
  .max(80, 'is longer than 80 characters')
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'holds control characters')

export const NewWorkspace = z.strictObject({ slug: WorkspaceSlug, name: WorkspaceName })
export type NewWorkspace = z.infer<typeof NewWorkspace>
