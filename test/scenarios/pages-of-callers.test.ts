import { testFolders } from '../support/scenario-pages.ts';

testFolders(['callers', 'latency', 'objectives', 'silence']);
