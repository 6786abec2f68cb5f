// SPDX-License-Identifier: MPL-2.0

package hostdrain

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/settings"
)

// find is the compute service of a host.
func find(ctx context.Context, services nova.Services, host string) (*nova.Service, error) {
	service, err := services.On(ctx, host, nova.Compute)
	if err == nil && service == nil {
		err = fmt.Errorf("there is no %s service on a host %q", nova.Compute, host)
	}
	return service, err
}

func disable(ctx context.Context, services nova.Services, service *nova.Service, reason string, tell func(string)) error {
	if service.Status == "disabled" {
		tell(fmt.Sprintf("%s: the service is disabled already, for the reason %q", service.Host, service.DisabledReason))
		return nil
	}
	if err := services.Disable(ctx, service, reason); err != nil {
		return err
	}
	tell(service.Host + ": the service is disabled")
	return nil
}

// NewEnable returns nova_host_enable.
func NewEnable() action.Action { return &enable{} }

var _ action.ActionWithConfigure = (*enable)(nil)

type enable struct{ session.Action }

func (a *enable) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = "nova_host_enable"
}

func (a *enable) Schema(ctx context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Takes a compute host back into service, after `nova_host_drain` for example, for administrators: the scheduler may put " +
			"servers there again. The servers that have left do not come back by themselves.\n\n" +
			"Actions need Terraform 1.14. Without them: `status = \"enabled\"` of `nova_service` does the same, and keeps it so.",
		Attributes: map[string]schema.Attribute{
			"host":     hostAttribute(),
			"timeouts": settings.Timeouts(ctx, "How long it may take. Default: 1 minute."),
		},
	}
}

func (a *enable) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	in := settings.Read(ctx, req.Config, &resp.Diagnostics)
	c := a.Cloud(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, in.Timeout(ctx, time.Minute, &resp.Diagnostics))
	defer cancel()
	host := in.Text("host")
	tell := func(line string) { resp.SendProgress(action.InvokeProgressEvent{Message: line}) }
	services := nova.Services{Client: c}
	service, err := find(ctx, services, host)
	if err == nil && service.Status == "enabled" {
		tell(host + ": the service is enabled already: there is nothing to do")
		return
	}
	if err == nil {
		err = services.Enable(ctx, service)
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Enable", "Host", host, err))
		return
	}
	tell(host + ": the service is enabled")
}
