package main

import (
	"os"
	_ "time/tzdata" // people's time zones, also on machines that have none

	"github.com/heedhq/heed/app/cli"
)

func main() { os.Exit(cli.Run(os.Args[1:])) }
