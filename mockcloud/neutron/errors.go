// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"fmt"
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// Kind is one of Neutron's exceptions: what clients find under NeutronError.type.
type Kind struct {
	Code         int // HTTP status
	Name, format string
}

func (k Kind) of(args ...any) error {
	fault := api.NewFault(k.Code, k.format, args...).Named(k.Name)
	if len(args) > 0 {
		fault.Subject = fmt.Sprint(args[0])
	}
	return fault
}

// Is reports whether err is of that kind.
func (k Kind) Is(err error) bool {
	fault := api.AsFault(err)
	return fault != nil && fault.Kind == k.Name
}

// The kinds of errors that Go callers tell apart.
var (
	NetworkNotFound       = Kind{404, "NetworkNotFound", "Network %s could not be found."}
	SubnetNotFound        = Kind{404, "SubnetNotFound", "Subnet %s could not be found."}
	PortNotFound          = Kind{404, "PortNotFound", "Port %s could not be found."}
	SecurityGroupNotFound = Kind{404, "SecurityGroupNotFound", "Security group %s does not exist."}
	// SecurityGroupAmbiguous is Nova's refusal of a name that several groups have.
	SecurityGroupAmbiguous = Kind{409, "NoUniqueMatch", "Multiple security_group matches found for name '%s', use an ID to be more specific."}
	NetworkRequiresSubnet  = Kind{400, "NetworkRequiresSubnet", "Network %s requires a subnet in order to boot instances on."}
	NoMoreIPs              = Kind{409, "IpAddressGenerationFailure", "No more IP addresses available on network %s."}
	AddressInUse           = Kind{409, "IpAddressAlreadyAllocated", "IP address %s already allocated in subnet %s"}
	AddressNotInNetwork    = Kind{400, "InvalidIpForNetwork", "IP address %s is not a valid IP for any of the subnets on the specified network."}
	AddressNotInSubnet     = Kind{400, "InvalidIpForSubnet", "IP address %s is not a valid IP for the specified subnet."}
	PortInUse              = Kind{409, "PortInUse", "Unable to complete operation on port %s for network %s. Port already has an attached device %s."}
	// What Nova says of the networks that a server asks for.
	NetworkAmbiguous  = Kind{409, "NetworkAmbiguous", "Multiple possible networks found, use a Network ID to be more specific%s."}
	NoNetwork         = Kind{400, "UnableToAutoAllocateNetwork", "Unable to automatically allocate a network for project %s"}
	ExternalForbidden = Kind{403, "ExternalNetworkAttachForbidden", "It is not allowed to create an interface on external network %s"}
	PortNeedsAddress  = Kind{400, "PortRequiresFixedIP", "Port %s requires a FixedIP in order to be used."}
	PortNotUsable     = Kind{400, "PortNotUsable", "Port %s not usable for instance."}
	NotOnNetwork      = Kind{404, "NetworkNotFoundForInstance", "Network could not be found for instance %s."}
	NoSuchFixedIP     = Kind{404, "FixedIpNotFoundForInstance", "Instance %s does not have fixed IP '%s'."}
	OverQuota         = Kind{409, "OverQuota", "Quota exceeded for resources: ['%s']."}
)

var (
	routerNotFound       = Kind{404, "RouterNotFound", "Router %s could not be found"}
	floatingIPNotFound   = Kind{404, "FloatingIPNotFound", "Floating IP %s could not be found"}
	ruleNotFound         = Kind{404, "SecurityGroupRuleNotFound", "Security group rule %s does not exist."}
	tagNotFound          = Kind{404, "TagNotFound", "Tag %s could not be found."}
	agentNotFound        = Kind{404, "AgentNotFound", "Agent %s could not be found."}
	extensionNotFound    = Kind{404, "HTTPNotFound", "Extension with alias %s does not exist"}
	interfaceNotFound    = Kind{404, "RouterInterfaceNotFound", "Router %s does not have an interface with id %s"}
	noInterfaceForSubnet = Kind{404, "RouterInterfaceNotFoundForSubnet", "Router %s has no interface on subnet %s"}
	externalUnreachable  = Kind{404, "ExternalGatewayForFloatingIPNotFound", "External network %s is not reachable from subnet %s.  Therefore, cannot associate Port %s with a Floating IP."}

	poolNotFound    = Kind{404, "SubnetPoolNotFound", "Subnet pool %s could not be found."}
	poolVersions    = Kind{400, "PrefixVersionMismatch", "Cannot mix IPv4 and IPv6 prefixes in a subnet pool."}
	poolBoundsWrong = Kind{400, "IllegalSubnetPoolPrefixBounds", "Illegal prefix bounds: %s=%d, %s=%d."}
	poolPrefixes    = Kind{400, "IllegalSubnetPoolPrefixUpdate", "Illegal update to prefixes: %s"}
	scopeNotFound   = Kind{404, "AddressScopeNotFound", "Address scope %s could not be found."}
	revisionDiffers = Kind{412, "RevisionNumberConstraintFailed", "Constrained to %d, but current revision is %d"}
	poolInUse       = Kind{409, "SubnetPoolDeleteError", "Unable to delete subnet pool: Subnet pool has existing allocations."}
	poolTooLong     = Kind{400, "MaxPrefixSubnetAllocationError", "Unable to allocate subnet with prefix length %d, maximum allowed prefix is %d."}
	poolTooShort    = Kind{400, "MinPrefixSubnetAllocationError", "Unable to allocate subnet with prefix length %d, minimum allowed prefix is %d."}
	poolQuota       = Kind{409, "SubnetPoolQuotaExceeded", "Per-project subnet pool prefix quota exceeded."}
	poolExhausted   = Kind{409, "SubnetAllocationError", "Failed to allocate subnet: %s."}
	poolAffinity    = Kind{400, "NetworkSubnetPoolAffinityError", "Subnets hosted on the same network must be allocated from the same subnet pool."}

	trunkNotFound    = Kind{404, "TrunkNotFound", "Trunk %s could not be found."}
	subPortNotFound  = Kind{404, "SubPortNotFound", "SubPort %s on trunk %s could not be found."}
	trunkPortInUse   = Kind{409, "TrunkPortInUse", "Port %s is in use by another trunk."}
	parentPortInUse  = Kind{409, "ParentPortInUse", "Port %s is currently in use and is not eligible for use as a parent port."}
	portIsParent     = Kind{409, "PortInUseAsTrunkParent", "Port %s is currently a parent port for trunk %s."}
	portIsSubPort    = Kind{409, "PortInUseAsSubPort", "Port %s is currently a subport for trunk %s."}
	subPortMTU       = Kind{409, "SubPortMtuGreaterThanTrunkPortMtu", "MTU %d of subport %s cannot be greater than MTU %d of trunk %s."}
	duplicateSubPort = Kind{409, "DuplicateSubPort", "segmentation_type %s and segmentation_id %d already in use on trunk %s."}
	trunkInUse       = Kind{409, "TrunkInUse", "Trunk %s is currently in use."}
	trunkDisabled    = Kind{409, "TrunkDisabled", "Trunk %s is currently disabled."}

	autoFailure           = Kind{409, "AutoAllocationFailure", "Deployment error: %s."}
	defaultExternalExists = Kind{409, "DefaultExternalNetworkExists", "A default external network already exists: %s."}

	rbacNotFound = Kind{404, "RbacPolicyNotFound", "RBAC policy of type unknown with ID %s not found"}
	rbacExists   = Kind{409, "DuplicateRbacPolicy", "An RBAC policy already exists with those values."}
	rbacInUse    = Kind{409, "RbacPolicyInUse", "RBAC policy on object %s cannot be removed because other objects depend on it.\nDetails: %s"}

	bindingNotFound = Kind{404, "PortBindingNotFound", "Binding for port %s for host %s could not be found."}
	bindingExists   = Kind{409, "PortBindingAlreadyExists", "Binding for port %s on host %s already exists."}
	bindingIsActive = Kind{409, "PortBindingAlreadyActive", "Binding for port %s on host %s is already active."}

	notAuthorized = Kind{403, "PolicyNotAuthorized", "rule:%s is disallowed by policy"}

	invalidInput        = Kind{400, "InvalidInput", "Invalid input for operation: %s."}
	badRequest          = Kind{400, "BadRequest", "Bad %s request: %s."}
	httpBadRequest      = Kind{400, "HTTPBadRequest", "%s"}
	poolOutOfBounds     = Kind{400, "OutOfBoundsAllocationPool", "The allocation pool %s spans beyond the subnet cidr %s."}
	poolInvalid         = Kind{400, "InvalidAllocationPool", "The allocation pool %s is not valid."}
	poolsOverlap        = Kind{409, "OverlappingAllocationPools", "Found overlapping allocation pools: %s %s for subnet %s."}
	gatewayInPool       = Kind{409, "GatewayConflictWithAllocationPools", "Gateway ip %s conflicts with allocation pool %s."}
	gatewayInUse        = Kind{409, "GatewayIpInUse", "Current gateway ip %s already in use by port %s. Unable to update."}
	portSecurityNeeded  = Kind{400, "PortSecurityAndIPRequiredForSecurityGroups", "Port security must be enabled and port must have an IP address in order to use security groups%s."}
	pairsNeedSecurity   = Kind{409, "AddressPairAndPortSecurityRequired", "Port Security must be enabled in order to have allowed address pairs on a port%s."}
	securityHasGroups   = Kind{409, "PortSecurityPortHasSecurityGroup", "Port has security group associated. Cannot disable port security or IP address until security group is removed%s."}
	notExternal         = Kind{400, "BadRequest", "Bad floatingip request: Network %s is not a valid external network."}
	rulePortRange       = Kind{400, "SecurityGroupInvalidPortRange", "For TCP/UDP protocols, port_range_min must be <= port_range_max%s"}
	rulePortValue       = Kind{400, "SecurityGroupInvalidPortValue", "Invalid value for port %d"}
	ruleProtocol        = Kind{400, "SecurityGroupRuleInvalidProtocol", "Security group rule protocol %s not supported. Only protocol values [None, 'ah', 'dccp', 'egp', 'esp', 'gre', 'hopopt', 'icmp', 'igmp', 'ip', 'ipip', 'ipv6-encap', 'ipv6-frag', 'ipv6-icmp', 'icmpv6', 'ipv6-nonxt', 'ipv6-opts', 'ipv6-route', 'ospf', 'pgm', 'rsvp', 'sctp', 'tcp', 'udp', 'udplite', 'vrrp'] and integer representations [0 to 255] are supported."}
	ruleNeedsProtocol   = Kind{400, "SecurityGroupProtocolRequiredWithPorts", "Must also specify protocol if port range is given%s."}
	rulePortsOnOther    = Kind{400, "SecurityGroupInvalidProtocolForPort", "Invalid protocol %s for port range, only supported for TCP, UDP, UDPLITE, SCTP and DCCP."}
	ruleICMPValue       = Kind{400, "SecurityGroupInvalidIcmpValue", "Invalid value for ICMP %s (%s) %d. It must be 0 to 255."}
	ruleICMPType        = Kind{400, "SecurityGroupMissingIcmpType", "ICMP code (port-range-max) %d is provided but ICMP type (port-range-min) is missing."}
	ruleEtherType       = Kind{400, "SecurityGroupRuleInvalidEtherType", "Security group rule for ethertype '%s' not supported. Allowed values are ['IPv4', 'IPv6']."}
	ruleEtherConflict   = Kind{400, "SecurityGroupEthertypeConflictWithProtocol", "Invalid ethertype %s for protocol %s."}
	rulePrefixConflict  = Kind{400, "SecurityGroupRuleParameterConflict", "Conflicting value ethertype %s for CIDR %s"}
	ruleTwoRemotes      = Kind{400, "SecurityGroupRemoteGroupAndRemoteIpPrefix", "Only remote_ip_prefix or remote_group_id may be provided%s."}
	networkInUse        = Kind{409, "NetworkInUse", "Unable to complete operation on network %s. There are one or more ports still in use on the network, id for these ports is: %s."}
	subnetInUse         = Kind{409, "SubnetInUse", "Unable to complete operation on subnet %s: One or more ports have an IP allocation from this subnet."}
	externalInUse       = Kind{409, "ExternalNetworkInUse", "External network %s cannot be updated to be made non-external, since it has existing gateway ports."}
	sharedInUse         = Kind{409, "InvalidSharedSetting", "Unable to reconfigure sharing settings for network %s. Multiple tenants are using it."}
	macInUse            = Kind{409, "MacAddressInUse", "Unable to complete operation for network %s. The mac address %s is in use."}
	servicePortInUse    = Kind{409, "ServicePortInUse", "Port %s cannot be deleted directly via the port API: has device owner %s."}
	groupInUse          = Kind{409, "SecurityGroupInUse", "Security Group %s in use."}
	groupIsDefault      = Kind{409, "SecurityGroupCannotRemoveDefault", "Insufficient rights for removing default security group%s."}
	groupRenamesDefault = Kind{409, "SecurityGroupCannotUpdateDefault", "Updating default security group not allowed%s."}
	defaultGroupExists  = Kind{409, "SecurityGroupDefaultAlreadyExists", "Default security group already exists%s."}
	ruleExists          = Kind{409, "SecurityGroupRuleExists", "Security group rule already exists. Rule id is %s."}
	routerInUse         = Kind{409, "RouterInUse", "Router %s still has ports"}
	interfaceInUse      = Kind{409, "RouterInterfaceInUseByFloatingIP", "Router interface for subnet %s on router %s cannot be deleted, as it is required by one or more floating IPs."}
	interfaceMismatch   = Kind{409, "SubnetMismatchForPort", "Subnet on port %s does not match the requested subnet %s."}
	routesInvalid       = Kind{400, "InvalidRoutes", "Invalid format for routes: %s, %s."}
	routeNeedsInterface = Kind{409, "RouterInterfaceInUseByRoute", "Router interface for subnet %s on router %s cannot be deleted, as it is required by one or more routes."}
	gatewayNeeded       = Kind{409, "RouterExternalGatewayInUseByFloatingIp", "Gateway cannot be updated for router %s, since a gateway to external network %s is required by one or more floating IPs."}
	alreadyAssociated   = Kind{409, "FloatingIPPortAlreadyAssociated", "Cannot associate floating IP %s with port %s using fixed IP %s, as that fixed IP already has a floating IP on external network %s."}
	quotaResource       = Kind{400, "HTTPBadRequest", "Unrecognized attribute(s) '%s'"}
)

// neutronFault is Neutron's fault body.
func neutronFault(f *api.Fault) any {
	kind := f.Kind
	if kind == "" {
		kind = map[int]string{
			http.StatusBadRequest: "HTTPBadRequest", http.StatusUnauthorized: "HTTPUnauthorized",
			http.StatusForbidden: "PolicyNotAuthorized", http.StatusNotFound: "HTTPNotFound",
			http.StatusMethodNotAllowed: "HTTPMethodNotAllowed", http.StatusInternalServerError: "HTTPInternalServerError",
		}[f.Code]
	}
	return map[string]any{"NeutronError": map[string]any{"type": kind, "message": f.Message, "detail": ""}}
}
