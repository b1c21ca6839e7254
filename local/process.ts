/** Whether a process of this machine exists, whoever owns it. */
export const isProcessAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Without permission to send it a signal, it exists.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
