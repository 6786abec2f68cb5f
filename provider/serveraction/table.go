// SPDX-License-Identifier: MPL-2.0

package serveraction

import (
	"github.com/hashicorp/terraform-plugin-framework/action"
)

// All are the actions on servers.
func All() []func() action.Action {
	var all []func() action.Action
	for _, make := range []func() kind{
		confirmResize,
		crashDump,
		createBackup,
		createImage,
		evacuate,
		liveMigrate,
		lock,
		migrate,
		pause,
		reboot,
		rebuild,
		rescue,
		resetState,
		resume,
		revertResize,
		shelve,
		start,
		stop,
		suspend,
		unlock,
		unpause,
		unrescue,
		unshelve,
	} {
		all = append(all, func() action.Action {
			k := make()
			return &serverAction{kind: &k}
		})
	}
	return all
}
