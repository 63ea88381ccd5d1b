import { useSession } from "../api/queries.ts";
import { ApiError } from "../api/request.ts";
import { Loading } from "../parts/loading.tsx";
import { Problem } from "../parts/problem.tsx";
import { SignInPage } from "../sign-in/sign-in-page.tsx";
import { Shell } from "./shell.tsx";

/** The pages for those who are signed in, else the sign-in; the address stays, so that a link leads where it should afterwards. */
export function SignedIn() {
  const { data, error, refetch } = useSession();
  if (error instanceof ApiError && error.status === 401) return <SignInPage wasSignedIn={data !== undefined} />;
  if (data !== undefined) return <Shell session={data} />;
  return error === null ? <Loading /> : <Problem error={error} onRetry={() => void refetch()} />;
}
