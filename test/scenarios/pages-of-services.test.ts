import { testFolders } from '../support/scenario-pages.ts';

testFolders(['database', 'gateway', 'pipeline', 'providers', 'queues-and-probes']);
