const STORAGE_KEY = 'toolwatch-token';

/** The token entered in this tab; null when none was. */
export const readStoredToken = (): string | null => sessionStorage.getItem(STORAGE_KEY);

/** Asks for a token, and stores it until the tab is closed. */
export const TokenForm = ({ onToken }: { onToken: () => void }) => (
  <form
    class="token"
    onSubmit={(event) => {
      event.preventDefault();
      sessionStorage.setItem(STORAGE_KEY, String(new FormData(event.currentTarget).get('token')).trim());
      onToken();
    }}
  >
    <label for="token">This deployment requires a token from its issuer</label>
    <input id="token" name="token" type="password" autocomplete="off" required />
    <button type="submit">Continue</button>
  </form>
);
