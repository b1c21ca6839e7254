import * as z from 'zod';

/** A network that exists, where an organization lets nobody create one. */
export const networkSettings = z
  .strictObject({
    vpcId: z
      .string()
      .regex(/^vpc-[0-9a-f]{8,17}$/, 'write the id of a VPC, such as vpc-0a1b2c3d4e5f60718')
      .describe('The VPC, which is not changed but for security groups.'),
    subnetIds: z
      .array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/, 'write the id of a subnet, such as subnet-0a1b2c3d4e5f60718'))
      .min(2, 'write subnets of at least two availability zones, as RDS demands')
      .max(16, 'write 16 at most, as Lambda demands')
      .describe('For the database, and for the functions that are in the network.'),
    allFunctions: z
      .boolean()
      .default(false)
      .describe(
        'Whether every function is in the network, and not only those that need the database. The subnets then need a ' +
          'way to AWS and to what tools call.',
      ),
  })
  .optional()
  .describe('A VPC that exists. Default: one is created, without a route to anywhere.');

/** Subnets that are listed twice, in a sentence that says what to write. */
export const validateNetworkSettings = (network: z.output<typeof networkSettings>): string[] => {
  const { subnetIds = [] } = network ?? {};
  const duplicate = subnetIds.find((id, index) => subnetIds.indexOf(id) !== index);
  return duplicate === undefined ? [] : [`Setting network.subnetIds: ${duplicate} is listed twice; write it once.`];
};
