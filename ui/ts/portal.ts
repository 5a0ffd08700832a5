import { appearance } from "./appearance";
import { submit } from "./submit";

appearance();
submit();
