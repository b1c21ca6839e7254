import * as z from 'zod';

const MAX_PREFIX = 30;

/** Rules of an organization for the roles of its accounts. */
export const roleSettings = z
  .strictObject({
    permissionsBoundary: z
      .string()
      .regex(
        /^(arn:[\w-]+:iam::(\d{12}|aws):policy\/)?[\w+=,.@-]+(\/[\w+=,.@-]+)*$/,
        "write the ARN of a managed policy, or the name of one of the deployment's account",
      )
      .optional()
      .describe('The managed policy that bounds what every role may do, by its ARN or by its name.'),
    boundaryFile: z
      .string()
      .min(1)
      .optional()
      .describe('A file with the JSON of that policy, which `npm start` then obeys; without it, it knows no boundary.'),
    namePrefix: z
      .string()
      .max(MAX_PREFIX)
      .regex(/^[\w+=,.@-]+$/, 'write letters, digits and _ + = , . @ -')
      .optional()
      .describe(
        'What the name of every role begins with. The rest of the name is unique, and has the region in it. Default: ' +
          'CloudFormation names them.',
      ),
    path: z
      .string()
      .max(512)
      .regex(/^\/([\w+=,.@-]+\/)*$/, 'write a path with a slash at both ends, such as /toolwatch/')
      .optional()
      .describe('The path of every role. Default: `/`.'),
  })
  .prefault({})
  .describe('What an organization demands of roles: ours, and those that the CDK adds.');

type RoleSettings = z.output<typeof roleSettings>;

/** Settings of roles that do not go together, in sentences that say what to write. */
export const validateRoleSettings = ({ permissionsBoundary, boundaryFile }: RoleSettings): string[] =>
  boundaryFile !== undefined && permissionsBoundary === undefined
    ? ['Setting roles.boundaryFile: there is no boundary; write permissionsBoundary as well, or leave it out.']
    : [];
