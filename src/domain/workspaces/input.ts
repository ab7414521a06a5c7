// What a valid workspace is, for every door.

import { z } from 'zod'
import { NOT_ONE_LINE, ONE_LINE } from '#kernel/text.ts'

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
  .regex(ONE_LINE, NOT_ONE_LINE)

export const NewWorkspace = z.strictObject({ slug: WorkspaceSlug, name: WorkspaceName })
export type NewWorkspace = z.infer<typeof NewWorkspace>
